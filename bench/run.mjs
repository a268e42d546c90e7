/**
 * `npm run bench`: how fast the built product is, beside what bounds it. See README.md.
 *
 *   --quick       a minute instead of many, for trying; its figures mean little
 *   --json FILE   writes the result as JSON too
 *   --write       puts the figures into bench/README.md
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, constants } from 'node:os';
import { parseArgs } from 'node:util';
import { requireNode } from '../scripts/node-version.mjs';

requireNode();
const { prepare } = await import('../scripts/prepare.mjs');
const { openDatabase } = await import('./database.mjs');
const { Lifetime } = await import('./lifetime.mjs');
const { loadGenerator } = await import('./load.mjs');
const {
  issueTokens,
  measureAuditList,
  measureColdStart,
  measureFlood,
  measureIssue,
  measureVerify,
  measureWarmStart,
  verifying,
} = await import('./measure.mjs');
const { measureExport, measureSequencer } = await import('./measure-log.mjs');
const { built, startProduct, watchMemory } = await import('./product.mjs');
const { asText, judgeTargets, writeFigures } = await import('./report.mjs');

const TOKENS = 1_000;
const MB = 1024 * 1024;
const lifetime = new Lifetime();
const say = (line) => console.error(`… ${line}`);

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, write: { type: 'boolean' } },
});
const extent = options.quick
  ? { rounds: 2, seconds: 2, starts: 1, pages: 50 }
  : { rounds: 5, seconds: 8, starts: 3, pages: 400 };

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => void lifetime.end().then(() => process.exit(128 + constants.signals[signal])));
}

try {
  await prepare({ say });
  const result = await measure();
  const text = asText(result);
  console.log(text);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.write === true) await writeFigures(text);
} catch (error) {
  // What was broken off fails as a consequence.
  if (!lifetime.isEnding) {
    console.error(error);
    for (const words of lifetime.lastWords) console.error(words);
    process.exitCode = 1;
  }
} finally {
  await lifetime.end();
}

async function measure() {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const key = makeSecret('api_key', 'live');
  const coldMs = await measureColdStart(lifetime, key, extent.starts, say);

  const { path: folder } = await lifetime.folder();
  const load = loadGenerator(lifetime, folder);
  const product = await startProduct(lifetime, folder, key);
  const idle = await watchMemory(product)();
  const database = await openDatabase(lifetime, product);
  const postgres = await database.settings();
  const tokens = await issueTokens(product, TOKENS);

  const { cells, answered, peakMemory } = await measureVerify(
    lifetime,
    product,
    load,
    tokens.values,
    { connections: [1, 32, 128], ...extent },
    say,
  );
  const recorded = await database.events('token.verify');
  if (recorded < answered) {
    throw new Error(
      `DURABILITY BROKEN: ${answered} verifications were answered, ${recorded} events are on record`,
    );
  }
  const sequencer = await measureSequencer(
    product,
    database,
    verifying(product, load, tokens.values),
    extent,
    say,
  );
  const flood = await measureFlood(product, load, database, tokens.values, extent, say);
  const issue = await measureIssue(
    lifetime,
    product,
    load,
    database,
    tokens.firstId,
    { connections: [1, 32], ...extent },
    say,
  );
  const audit = await measureAuditList(product, database, extent.pages, say);
  const exported = await measureExport(product, say);
  await database.close();
  await product.stop();
  const warmMs = await measureWarmStart(lifetime, product, extent.starts, say);

  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const result = {
    date: new Date().toISOString(),
    version,
    machine: { processors: availableParallelism(), node: process.versions.node, postgres },
    load: load.name,
    rounds: extent.rounds,
    seconds: extent.seconds,
    verify: cells,
    answered,
    recorded,
    sequencer,
    flood,
    issue,
    audit,
    exported: { ...exported, idleMB: exported.idle / MB, peakMB: exported.peak / MB },
    start: { coldMs, warmMs },
    memory: { idleMB: idle / MB, peakMB: peakMemory / MB },
  };
  return { ...result, targets: judgeTargets(result) };
}
