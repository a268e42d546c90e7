import { spawn } from 'node:child_process';

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const PATIENCE_MS = 5_000;

/** A fault whose message is meant to be read as it is. */
export class Fault extends Error {
  exitCode = 1;
}

/** Somebody wants us to stop. */
export class Interrupted extends Fault {
  constructor(signal) {
    super(`Interrupted by ${signal}`);
    this.exitCode = EXIT_CODES[signal];
  }
}

/**
 * Runs a program quietly. A failure carries all that it printed; Ctrl-C ends it and everything it has started, and
 * waits for that, so that nothing writes on after we are gone.
 *
 * @param onStart gets its process id.
 */
export function runQuietly(what, [command, ...args], { cwd, onStart, shell = false, env = {} }) {
  const ownGroup = process.platform !== 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      shell,
      detached: ownGroup,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let output = '';
    let signalled = null;
    let impatience;
    const kill = (signal) => {
      try {
        if (ownGroup) process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // All of them are gone already.
      }
    };
    const interrupt = (signal) => {
      signalled ??= signal;
      kill('SIGTERM');
      impatience ??= setTimeout(kill, PATIENCE_MS, 'SIGKILL');
    };
    const settle = (result) => {
      clearTimeout(impatience);
      for (const signal of Object.keys(EXIT_CODES)) process.off(signal, interrupt);
      if (signalled !== null) reject(new Interrupted(signalled));
      else if (result instanceof Error) reject(result);
      else resolve();
    };

    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, interrupt);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    }
    child.once('error', (error) => settle(new Fault(`${what} failed: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return settle();
      settle(
        new Fault(
          `${output.trimEnd()}\n${what} failed (${signal ?? `exit code ${code}`}); see above.`.trimStart(),
        ),
      );
    });
    if (child.pid !== undefined) onStart?.(child.pid);
  });
}
