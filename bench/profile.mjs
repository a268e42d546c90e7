import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuTimeOf } from './cpu-time.mjs';
import { openDatabase } from './database.mjs';
import { flameGraph } from './flame.mjs';
import { issueTokens, verifying } from './measure.mjs';
import { built, startProduct } from './product.mjs';
import { sharesOf, treeOf } from './shares.mjs';

const FOLDER = fileURLToPath(new URL('profiles/', import.meta.url));
const PROFILER = new URL('profiler.mjs', import.meta.url).href;
const CONNECTIONS = 128;
const WARM_UP_S = 3;

/**
 * Verifications at 128 connections under a CPU profiler: leaves what speedscope and Chrome's developer tools open, and
 * a flame graph.
 *
 * @returns which files, the shares of time by part, and what each thread and process took without a profiler.
 */
export async function profileVerify(lifetime, loadOf, { tokens, seconds }, say) {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const { path: folder } = await lifetime.folder();
  const load = loadOf(folder);
  const product = await startProduct(lifetime, folder, makeSecret('api_key', 'live'), {
    nodeArgs: ['--import', PROFILER],
    nodeChannel: true,
    // The modules themselves: in the bundle it cannot be seen whose a function is.
    entry: 'main.js',
  });
  const verify = verifying(product, load, (await issueTokens(product, tokens)).values);
  const tell = async (message) => {
    const done = once(product.child, 'message');
    product.child.send(message);
    await done;
  };
  await mkdir(FOLDER, { recursive: true });
  const file = (extension) => join(FOLDER, `verify.${extension}`);
  await verify(CONNECTIONS, WARM_UP_S);
  const database = await openDatabase(lifetime, product);
  say(`processors' time of ${seconds} s`);
  const cpuTime = await cpuTimeOf(product, database.backends, () => verify(CONNECTIONS, seconds));
  await database.close();
  say(`profile of ${seconds} s`);
  await tell({ begin: true });
  const { perSecond } = await verify(CONNECTIONS, seconds);
  await tell({ end: file('cpuprofile') });
  await product.stop();

  const root = treeOf(JSON.parse(await readFile(file('cpuprofile'), 'utf8')));
  const shares = sharesOf(root);
  const parts = shares.map(([part]) => part).filter((part) => part !== 'idle');
  const title = `verify, ${CONNECTIONS} connections, ${Math.round(perSecond)}/s under the profiler: the main thread, without idle time`;
  await writeFile(file('svg'), flameGraph(root, parts, title));
  return { shares, cpuTime, perSecond, load: load.name, files: [file('cpuprofile'), file('svg')] };
}

/** The shares as they stand in README.md. */
export function sharesAsText({ shares, cpuTime, perSecond, load }) {
  const width = Math.max(...[...shares, ...(cpuTime ?? [])].map(([part]) => part.length));
  return [
    `${new Date().toISOString().slice(0, 10)}: verify, ${CONNECTIONS} connections, ${Math.round(perSecond).toLocaleString('en-US')}/s under the profiler; load by ${load}`,
    '',
    ...shares.map(
      ([part, share]) => `${part.padEnd(width)}  ${(share * 100).toFixed(1).padStart(5)} %  ${bar(share)}`,
    ),
    ...(cpuTime === null ? [] : ['', 'of one processor, for each verification, without the profiler:', '']),
    ...(cpuTime ?? []).map(
      ([whose, us]) =>
        `${whose.padEnd(width)}  ${us.toFixed(0).padStart(4)} µs  ${'█'.repeat(Math.round(us / 4))}`,
    ),
  ].join('\n');
}

const bar = (share) => '█'.repeat(Math.round(share * 50));
