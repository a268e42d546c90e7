import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { birthMark, commandLine, hasProcess } from './process-life.js';
import { StartFault } from './start-fault.js';

/** What a running PostgreSQL says of itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

const FORMER_SERVER_MS = 15_000;
const POLL_MS = 50;

/** Reads `postmaster.pid`; null when there is none or it is still being written. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  // Process id, folder, start time, port, socket folder, address, shared memory, state.
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7] === 'ready' };
}

/**
 * Waits until a server that was left on the database is gone. After a crash of Tooken the old server is just
 * shutting down; one whose keeper was killed too does not know that it should, and is asked to.
 *
 * @throws StartFault when it does not go.
 */
export async function awaitFormerServer(cluster: string): Promise<void> {
  const deadline = Date.now() + FORMER_SERVER_MS;
  let asked = false;
  for (;;) {
    const former = await readPostmaster(cluster);
    // PostgreSQL itself clears away what a process left that is gone.
    if (former === null || !hasProcess(former.pid)) return;
    if (isStranger(former.pid)) {
      // The process id belongs to another program by now, or to a dead one that nobody reaps. PostgreSQL would
      // take it for a running server. Its shared memory still guards the files against one that really runs.
      await rm(pidFile(cluster), { force: true });
      return;
    }
    if (!asked) asked = askToStop(former.pid, cluster);
    if (Date.now() > deadline) {
      throw new StartFault(
        `An earlier PostgreSQL (pid ${former.pid}) is still running on ${cluster}; wait until it has ended, or end it with: kill -INT ${former.pid}`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Sends PostgreSQL's "fast shutdown" to a process, if that is the server of this database. */
export function askToStop(pid: number, cluster: string): boolean {
  const command = commandLine(pid);
  if (command?.includes(` -D ${cluster} `) !== true) return false;
  try {
    return process.kill(pid, 'SIGINT');
  } catch {
    return false;
  }
}

/** Whether a process is certainly no PostgreSQL. In doubt it is one: two servers on the same files destroy them. */
function isStranger(pid: number): boolean {
  if (birthMark(pid) === null) return true;
  const command = commandLine(pid);
  return command !== null && command !== '' && !/postgres|postmaster/.test(command);
}

function pidFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}
