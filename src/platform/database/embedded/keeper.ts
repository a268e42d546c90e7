import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnOptions, type ServerUser } from './run.js';

/**
 * Runs the server and ends it when the pipe on its input closes, which the system does for us however we die.
 * - Signals to a whole group of processes are for us to handle: the server is needed until we are done.
 * - Descriptor 3 is the pipe, since a shell takes its input away from what it runs in the background.
 * - The signal is repeated, because the server does not listen during its first moments; after a minute it is the
 *   one that does not wait for anything.
 * - The watcher is a single process (`read` is built in), so that killing it leaves nothing behind.
 */
const SCRIPT = `
trap '' HUP INT TERM
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo "$server"
(
  read -r _ <&3
  seconds=0
  while kill -INT "$server"; do
    sleep 1
    seconds=$((seconds + 1))
    [ "$seconds" -lt 60 ] || kill -QUIT "$server"
  done
) >/dev/null 2>&1 &
watcher=$!
exec 3<&- >/dev/null
wait "$server"
code=$?
kill -KILL "$watcher" 2>/dev/null
exit "$code"
`;

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 3_000;

/** A PostgreSQL server below a tiny shell that ends it when this process is gone. */
export class Keeper {
  /** Settles when the server, and with it the keeper, is gone. */
  readonly ended: Promise<void>;
  hasEnded = false;

  private constructor(
    private readonly shell: ChildProcess,
    /** The server's process id, under the keeper's. */
    readonly serverPid: Promise<number>,
  ) {
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.hasEnded = true;
        resolve();
      };
      shell.once('exit', end).once('error', end);
    });
  }

  /** @param log descriptor of the file that gets what the server prints. */
  static start(command: readonly string[], user: ServerUser | null, log: number): Keeper {
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'tooken-postgres', ...command], {
      ...spawnOptions(user),
      stdio: ['pipe', 'pipe', log],
    });
    // A keeper that dies first breaks the pipe; that it is gone is seen by its exit.
    shell.stdin!.on('error', () => undefined);
    const serverPid = once(shell.stdout!.setEncoding('utf8'), 'data').then(([line]) => Number(line));
    serverPid.catch(() => undefined);
    return new Keeper(shell, serverPid);
  }

  /** Shuts the server down: in order, then without ceremony (it recovers at the next start), then by force. */
  async stop(): Promise<void> {
    this.shell.stdin?.end();
    if (await this.endsWithin(FAST_SHUTDOWN_MS)) return;
    signal(await this.serverPid, 'SIGQUIT');
    if (await this.endsWithin(IMMEDIATE_SHUTDOWN_MS)) return;
    // The keeper leads a group of its own, in which the server is too.
    if (this.shell.pid !== undefined) signal(-this.shell.pid, 'SIGKILL');
    await this.endsWithin(IMMEDIATE_SHUTDOWN_MS);
  }

  private async endsWithin(milliseconds: number): Promise<boolean> {
    const timer = new AbortController();
    await Promise.race([
      this.ended,
      delay(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    return this.hasEnded;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just gone by itself.
  }
}
