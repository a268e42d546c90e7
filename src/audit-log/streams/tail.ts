import { setTimeout as delay } from 'node:timers/promises';
import type { StillAdmitted } from '../../credentials/principal.js';
import { PulledBody } from './pulled-body.js';

/** How often its caller is judged while there is nothing to deliver, or nobody takes what there is. */
const JUDGE_EVERY_MS = 800;
/** An answer that is told to end may take so long; its reader may have stopped reading. */
const END_WITHIN_MS = 300;

/** One answer without an end. It ends all the same: with its reader, its credential, or the product. */
export class Tail {
  readonly body: PulledBody;
  private readonly ending = new AbortController();

  /** @param events stops when the signal comes, and at the latest when it is next asked for more. */
  constructor(
    private readonly stillAdmitted: StillAdmitted,
    events: (signal: AbortSignal) => AsyncGenerator<string>,
  ) {
    const { signal } = this.ending;
    this.body = new PulledBody(events(signal));
    this.body.once('close', () => {
      this.ending.abort();
    });
    this.watch(signal).catch((error: unknown) => this.body.destroy(error as Error));
  }

  end(): void {
    this.ending.abort();
    setTimeout(() => this.body.destroy(), END_WITHIN_MS).unref();
  }

  private async watch(signal: AbortSignal): Promise<void> {
    while (await passes(JUDGE_EVERY_MS, signal)) if (!(await this.stillAdmitted())) this.end();
  }
}

/** False when the signal came first. */
function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}
