import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Lanes } from '../../platform/database/lanes.js';
import { Passes } from './passes.js';

/** What the thread is given. */
export interface SequencerData {
  databaseUrl: string;
}

/** What it tells, once for each trouble. */
export interface Trouble {
  error: unknown;
}

const PAUSE_MS = 40;
/**
 * After a pass that failed, while another instance is at it, and under load: much of a pass costs the same however
 * little it takes, so then there are fewer. An event still has its place within a third of the second it may take.
 */
const LONG_PAUSE_MS = 200;

const stopped = new AbortController();
const lane = new Lanes((workerData as SequencerData).databaseUrl).open('sequencer');
const passes = new Passes(lane);

// Any word from the other side is the same one: stop.
parentPort!.once('message', () => {
  stopped.abort();
});

let isWell = true;
while (!stopped.signal.aborted) {
  await delay(await passAndPause(), undefined, { signal: stopped.signal }).catch(() => undefined);
}
await lane.close();

/** @returns after how many milliseconds the next pass is due. */
async function passAndPause(): Promise<number> {
  try {
    const result = await passes.next();
    isWell = true;
    if (result === 'more') return 0;
    return result === 'elsewhere' || result === 'many' ? LONG_PAUSE_MS : PAUSE_MS;
  } catch (error) {
    if (isWell) parentPort!.postMessage({ error } satisfies Trouble);
    isWell = false;
    return LONG_PAUSE_MS;
  }
}
