/**
 * `npm run bench`: how fast the built product is, beside what bounds it. See README.md.
 *
 *   --quick           a minute and a half instead of many, for trying; its figures mean little
 *   --json FILE       writes the result as JSON too
 *   --write           puts the figures into bench/README.md
 *
 * Instead of all that:
 *
 *   --profile         where the time of a verification goes; a CPU profile and a flame graph into bench/profiles
 *   --soak MINUTES    how much memory the product holds at full load for so long
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { program } from './program.mjs';

const TOKENS = 1_000;
const MB = 1024 * 1024;
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    json: { type: 'string' },
    write: { type: 'boolean' },
    profile: { type: 'boolean' },
    soak: { type: 'string' },
  },
});
const extent = options.quick
  ? { rounds: 2, seconds: 2, starts: 1, pages: 50, overload: { calm: 2, storm: 3, after: 4 } }
  : { rounds: 5, seconds: 8, starts: 3, pages: 400, overload: { calm: 5, storm: 20, after: 15 } };

await program(async (lifetime, say) => {
  const { loadGenerator } = await import('./load.mjs');
  const { asText, writeFigures } = await import('./report.mjs');
  const loadOf = (folder) => loadGenerator(lifetime, folder);
  if (options.soak !== undefined) {
    const { soak } = await import('./soak.mjs');
    return soak(lifetime, loadOf, { tokens: TOKENS, minutes: Number(options.soak) }, say);
  }
  if (options.profile === true) {
    const { profileVerify, sharesAsText } = await import('./profile.mjs');
    const profiled = await profileVerify(
      lifetime,
      loadOf,
      { tokens: TOKENS, seconds: options.quick ? 5 : 20 },
      say,
    );
    const text = sharesAsText(profiled);
    if (options.write === true) await writeFigures(text, 'shares');
    return `${text}\n\n${profiled.files.join('\n')}`;
  }
  const result = await measure(lifetime, loadOf, say);
  const text = asText(result);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.write === true) await writeFigures(text);
  return text;
});

async function measure(lifetime, loadOf, say) {
  const { openDatabase } = await import('./database.mjs');
  const { issueTokens, measureIssue, measureVerify, verifying } = await import('./measure.mjs');
  const { measureInstances } = await import('./measure-instances.mjs');
  const { measureAuditList, measureExport, measureSequencer } = await import('./measure-log.mjs');
  const { measureOverload } = await import('./measure-overload.mjs');
  const { measureFlood, measureRefusals } = await import('./measure-refusals.mjs');
  const { measureColdStart, measureWarmStart } = await import('./measure-start.mjs');
  const { built, startProduct, watchMemory } = await import('./product.mjs');
  const { judgeTargets } = await import('./targets.mjs');

  const { makeSecret } = await built('platform/secrets/secret.js');
  const key = makeSecret('api_key', 'live');
  const coldMs = await measureColdStart(lifetime, key, extent.starts, say);

  const { path: folder } = await lifetime.folder();
  const load = loadOf(folder);
  const product = await startProduct(lifetime, folder, key);
  const idle = await watchMemory(product)();
  const database = await openDatabase(lifetime, product);
  const postgres = await database.settings();
  const tokens = await issueTokens(product, TOKENS);
  const { values } = tokens;

  const { cells, answered, peakMemory } = await measureVerify(
    lifetime,
    product,
    load,
    database,
    tokens,
    { connections: [1, 32, 128], ...extent },
    say,
  );
  const recorded = await database.events('token.verify');
  if (recorded < answered) {
    throw new Error(
      `DURABILITY BROKEN: ${answered} verifications were answered, ${recorded} events are on record`,
    );
  }
  const verify = verifying(product, load, values);
  const instances = await measureInstances(lifetime, product, load, database, values, extent, say);
  const sequencer = await measureSequencer(product, database, verify, extent, say);
  const flood = await measureFlood(product, load, database, values, extent, say);
  const overload = await measureOverload(lifetime, product, load, values, extent, say);
  const connections = options.quick ? [32] : [1, 32];
  const issue = await measureIssue(
    lifetime,
    product,
    load,
    database,
    tokens.firstId,
    { connections, ...extent },
    say,
  );
  const audit = await measureAuditList(lifetime, product, database, extent.pages, say);
  const exported = await measureExport(product, say);
  await database.close();
  await product.stop();
  const refusals = await measureRefusals(lifetime, product, load, values, extent, say);
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
    instances,
    refusals,
    sequencer,
    flood,
    overload,
    issue,
    audit,
    exported: { ...exported, idleMB: exported.idle / MB, peakMB: exported.peak / MB },
    start: { coldMs, warmMs },
    memory: { idleMB: idle / MB, peakMB: peakMemory / MB },
  };
  return { ...result, targets: judgeTargets(result) };
}
