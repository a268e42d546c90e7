import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { processesOn } from './product.js';

/**
 * Process ids of everything that serves the database below this folder: keeper, server and all the server's children,
 * whose command lines do not name the folder any more.
 */
export function serverProcesses(folder: string): number[] {
  const found = new Set(processesOn(folder));
  const all = parents();
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [pid, parent] of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/**
 * Kills all these processes and everything that serves the database below the folder, in any order, giving none of
 * them time to do anything about it: as when the power fails.
 */
export function killAll(folder: string, ...others: number[]): void {
  // Who is stopped begins no child behind our back; the children work on until they are killed.
  for (const pid of processesOn(folder)) send(pid, 'SIGSTOP');
  for (const pid of shuffled([...serverProcesses(folder), ...others])) send(pid, 'SIGKILL');
}

/** Stops all that serves the database below the folder in the middle of whatever it does; returns how to go on. */
export function freeze(folder: string): () => void {
  for (const pid of processesOn(folder)) send(pid, 'SIGSTOP');
  const pids = serverProcesses(folder);
  for (const pid of pids) send(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) send(pid, 'SIGCONT');
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just gone by itself.
  }
}

function shuffled(pids: readonly number[]): number[] {
  return pids
    .map((pid) => ({ pid, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ pid }) => pid);
}

/** Every process there is with its parent. Linux is asked directly, since containers may have no `ps`. */
function parents(): [pid: number, parent: number][] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return stdout.split('\n').map((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, parent ?? 0];
    });
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid): [number, number][] => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The program's name, in parentheses, may itself hold blanks and parentheses.
      return [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
    } catch {
      // It has just gone.
      return [];
    }
  });
}
