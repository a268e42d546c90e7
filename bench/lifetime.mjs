import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The product promises to be gone within 20 s of being asked. */
const PATIENCE_MS = 20_000;

/** Everything a run has opened, so that every way out closes it, the last first. */
export class Lifetime {
  #closers = new Set();
  #ending = null;
  /** What processes said that ended although nobody had asked them to. */
  lastWords = [];

  /** @returns closes it now, instead of at the end. */
  closeLater(close) {
    const once = async () => {
      if (this.#closers.delete(once)) await close();
    };
    this.#closers.add(once);
    return once;
  }

  get isEnding() {
    return this.#ending !== null;
  }

  end() {
    return (this.#ending ??= (async () => {
      for (const close of [...this.#closers].reverse()) await close().catch(console.error);
    })());
  }

  /** A folder that is gone afterwards. Others may pass through: as root, PostgreSQL runs as somebody else. */
  async folder() {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'tooken-bench-'));
    await chmod(folder, 0o711);
    return { path: folder, remove: this.closeLater(() => removeFolder(folder)) };
  }

  /**
   * Starts a process that is ended with the run. It leads a group of its own, so that Ctrl-C reaches it through us.
   *
   * @param endsByItself whether it is meant to; else its last words are kept if it does.
   * @returns `ended` gives its exit code and all that it printed; `stop` asks it to end and waits for that.
   */
  process(command, args, { nodeChannel = false, endsByItself = false, ...options } = {}) {
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe', ...(nodeChannel ? ['ipc'] : [])],
      detached: process.platform !== 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    }
    const ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
    });
    let isAsked = false;
    ended.then(
      ({ code }) => {
        if (!isAsked && !(endsByItself && code === 0))
          this.lastWords.push(`${child.spawnargs.join(' ')} ended (${code}):\n${output}`);
      },
      () => undefined,
    );
    const stop = this.closeLater(async () => {
      isAsked = true;
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = new AbortController();
      const impatience = delay(PATIENCE_MS, null, { signal: patience.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      await gone;
      patience.abort();
      await impatience;
    });
    return { child, ended, stop };
  }
}

/** As root below a closed folder the product keeps its database elsewhere, behind a link: that goes too. */
async function removeFolder(folder) {
  const link = join(folder, 'data', 'postgres');
  const database = await realpath(link).catch(() => link);
  if (database !== link) await rm(dirname(database), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
