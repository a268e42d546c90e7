import { spawn } from 'node:child_process';
import { errorCode } from './start-fault.js';

/** The account PostgreSQL runs under; null everywhere means: our own. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

export interface Outcome {
  /** Null when the program was killed or could not be run at all. */
  code: number | null;
  /** What it printed, both streams together. */
  output: string;
  /** Why it could not be run: `ENOENT`, `EACCES`. */
  refused?: string;
}

/**
 * All that PostgreSQL gets to see of the environment. Ours carries secrets that are none of its business, and
 * LC_*, PG* or TZ of whoever starts it must not change what it does.
 */
export const BARE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Spawn options shared by everything of PostgreSQL's: its account, and a session of its own. */
export function spawnOptions(user: ServerUser | null) {
  return {
    cwd: '/',
    env: BARE_ENVIRONMENT,
    // Ctrl-C in a terminal goes to every process of the session: ours must be the only one that decides then.
    detached: true,
    ...(user !== null && { uid: user.uid, gid: user.gid }),
  };
}

/** Runs a program to its end; never rejects. */
export function run(
  command: string,
  args: readonly string[],
  { user = null, input = '' }: { user?: ServerUser | null; input?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...spawnOptions(user), stdio: 'pipe' });
    let output = '';
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => undefined).end(input);
    child.once('error', (error) =>
      resolve({ code: null, output: error.message, refused: errorCode(error) ?? 'unknown' }),
    );
    child.once('close', (code) => resolve({ code, output }));
  });
}
