import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from '../scripts/prepare.mjs';

const START_LIMIT_MS = 60_000;
const MEMORY_EVERY_MS = 200;

/** What the product would read from our own environment. */
const CONFIGURATION = /^(HOST|PORT|LOG_LEVEL|DATABASE_.*|TOOKEN_.*)$/;

/** A part of the built product; the bench asks it for what it would otherwise have to know by itself. */
export const built = (path) => import(join(ROOT, 'dist', path));

/**
 * Starts the built product on a data folder.
 *
 * @param env settings beside those that every start has.
 * @param nodeArgs what Node is told before the program's name; with `nodeChannel` the process can be written to.
 * @param entry which of `dist/` is run.
 * @returns `readyMs` is the time from the start of the process to `/readyz` saying yes, `startMs` to its first
 * authenticated answer.
 */
export async function startProduct(
  lifetime,
  folder,
  key,
  { env = {}, nodeArgs = [], nodeChannel = false, entry = 'bundle/main.js' } = {},
) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const inherited = Object.entries(process.env).filter(([name]) => !CONFIGURATION.test(name));
  const from = performance.now();
  const program = [...nodeArgs, join(ROOT, 'dist', entry)];
  const { child, ended, stop } = lifetime.process(process.execPath, program, {
    nodeChannel,
    // Not in our own folder, where a `.env` may lie.
    cwd: folder,
    env: {
      ...Object.fromEntries(inherited),
      PORT: String(port),
      TOOKEN_DATA_DIR: join(folder, 'data'),
      TOOKEN_BOOTSTRAP_API_KEY: key,
      ...env,
    },
  });
  const early = ended.then(({ code, output }) => {
    throw new Error(`the product ended (${code}) instead of answering:\n${output}`);
  });
  const times = { readyMs: NaN, startMs: NaN };
  for (const [time, path] of [
    ['readyMs', '/readyz'],
    ['startMs', '/v1/me'],
  ]) {
    await Promise.race([answers({ url, key }, path), early]);
    times[time] = performance.now() - from;
  }
  early.catch(() => undefined);
  return { url, key, folder, pid: child.pid, child, ...times, stop };
}

async function answers(target, path) {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const answer = await call(target, 'GET', path).catch(() => null);
    if (answer !== null) return;
    if (performance.now() > deadline) throw new Error('the product does not answer');
    await delay(10);
  }
}

/** One request; anything but 2xx throws. */
export async function call({ url, key }, method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Watches how much memory the product's own process holds, PostgreSQL apart. */
export function watchMemory({ pid }) {
  const watching = new AbortController();
  let peak = 0;
  const watch = (async () => {
    while (!watching.signal.aborted) {
      peak = Math.max(peak, await residentBytes(pid));
      // A run that fails does not wait for us.
      await delay(MEMORY_EVERY_MS, null, { signal: watching.signal, ref: false }).catch(() => undefined);
    }
  })();
  return async () => {
    watching.abort();
    await watch;
    return peak;
  };
}

/** Resident set size; not known without /proc. */
export async function residentBytes(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return NaN;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
