import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BARE_ENVIRONMENT } from './run.js';

/** Stands for the mark of a process that lives but cannot be looked at. */
export const UNKNOWN = 'unknown';

/**
 * Tells one life of a process id from the next: when the process was started, in a form that is only good for
 * comparing. Null when no process has this id, or only a dead one that nobody has reaped yet.
 */
export function birthMark(pid: number): string | null {
  if (!hasProcess(pid)) return null;
  return process.platform === 'linux' ? markFromProc(pid) : markFromPs(pid);
}

/** Whether the process that once bore this mark is still alive. */
export function lives(pid: number, mark: string): boolean {
  const now = birthMark(pid);
  return now !== null && (now === mark || now === UNKNOWN || mark === UNKNOWN);
}

/** Whether a process has this id, dead and unreaped ones and those of other users included. */
export function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The command line of a process, its arguments parted by single blanks; null when it cannot be read. */
export function commandLine(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return null;
    }
  }
  return ps(pid, 'command=');
}

function markFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return null;
    // The start counts from the boot, so without the boot's id a mark might return after a restart.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${started}`;
  } catch {
    return hasProcess(pid) ? UNKNOWN : null;
  }
}

function markFromPs(pid: number): string | null {
  const line = ps(pid, 'stat=,lstart=');
  if (line === null) return hasProcess(pid) ? UNKNOWN : null;
  const [state = '', ...started] = line.split(/\s+/);
  return state.startsWith('Z') ? null : started.join(' ');
}

function ps(pid: number, columns: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-ww', '-o', columns, '-p', String(pid)], {
    env: BARE_ENVIRONMENT,
    encoding: 'utf8',
  });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null;
}
