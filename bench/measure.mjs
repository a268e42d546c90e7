import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { insertDirectly } from './database.mjs';
import { built, call, startProduct, watchMemory } from './product.mjs';
import { median, percentile } from './statistics.mjs';

const CEILING = fileURLToPath(new URL('ceiling.mjs', import.meta.url));
const CALLS_AT_ONCE = 16;
const FLOOD_CONNECTIONS = 100;
const SETTLE_MS = 300;

/** What is asked of a token: what an API would ask that has just been presented one. */
const question = (token) => ({
  token,
  scopes: ['invoices:read'],
  client_ip: '203.0.113.7',
  operation: 'GET /invoices',
});

const newToken = (number) => ({
  name: `Partner ${number}`,
  scopes: ['invoices:read', 'invoices:write'],
  subject: `partner_${number}`,
  metadata: { plan: 'pro' },
  expires_in: 30 * 24 * 3600,
});

/** Issues tokens; gives their values and the handle of the first. */
export async function issueTokens(product, count) {
  const tokens = await inParallel(Array.from({ length: count }), (_, number) =>
    call(product, 'POST', '/v1/tokens', newToken(number)),
  );
  return { firstId: tokens[0].id, values: tokens.map(({ token }) => token) };
}

/** Verifies these tokens, at so many connections for so many seconds. */
export function verifying({ url, key }, load, tokens) {
  const bodies = tokens.map((token) => JSON.stringify(question(token)));
  return (connections, seconds) =>
    load.run({ url: `${url}/v1/tokens/verify`, key, bodies, connections, seconds });
}

/**
 * Verifications a second, of the product and of the ceiling in turns, so that whatever else the machine does
 * strikes both. A ratio is the median of those of single rounds.
 */
export async function measureVerify(lifetime, product, load, tokens, { connections, rounds, seconds }, say) {
  // Each once, unhurried: the ceiling is to give the very same answers.
  const answers = await inParallel(tokens, async (token) => {
    const answer = await call(product, 'POST', '/v1/tokens/verify', question(token));
    if (!answer.valid) throw new Error(`a token just issued is ${answer.code}`);
    return [token, answer];
  });
  const ceiling = await startCeiling(lifetime, answers);
  const run = ({ url }, count, duration) =>
    verifying({ url, key: product.key }, load, tokens)(count, duration);
  let answered = answers.length;
  const cells = [];
  const peakMemory = watchMemory(product);
  for (const count of connections) {
    const runs = { ceiling: [], product: [] };
    say(`verify, ${count} at once`);
    await run(ceiling, count, 1);
    answered += (await run(product, count, 1)).answers;
    for (let round = 0; round < rounds; round++) {
      runs.ceiling.push(await run(ceiling, count, seconds));
      const result = await run(product, count, seconds);
      runs.product.push(result);
      answered += result.answers;
    }
    cells.push({
      connections: count,
      ceiling: summary(runs.ceiling),
      product: summary(runs.product),
      ratio: median(runs.product.map(({ perSecond }, at) => perSecond / runs.ceiling[at].perSecond)),
    });
  }
  await ceiling.stop();
  return { cells, answered, peakMemory: await peakMemory() };
}

/** Tokens issued a second beside the same inserts without the product, in turns. */
export async function measureIssue(
  lifetime,
  product,
  load,
  database,
  tokenId,
  { connections, rounds, seconds },
  say,
) {
  const url = `${product.url}/v1/tokens`;
  const bodies = Array.from({ length: 100 }, (_, number) => JSON.stringify(newToken(number)));
  const cells = [];
  for (const count of connections) {
    const runs = { direct: [], product: [] };
    say(`issue, ${count} at once`);
    for (let round = 0; round < rounds; round++) {
      const target = { connections: count, seconds };
      runs.direct.push(await insertDirectly(lifetime, database, tokenId, target));
      await delay(SETTLE_MS);
      runs.product.push(await load.run({ url, key: product.key, bodies, ...target }));
    }
    cells.push({
      connections: count,
      direct: { perSecond: median(runs.direct) },
      product: summary(runs.product),
      ratio: median(runs.product.map(({ perSecond }, at) => perSecond / runs.direct[at])),
    });
  }
  return cells;
}

/**
 * Verifications beside a flood of refusals, and without it, in turns. The flood comes from the same address with
 * many values that were never issued, as fast as it is answered.
 */
export async function measureFlood(product, load, database, tokens, { rounds, seconds }, say) {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const keys = Array.from({ length: 1_000 }, () => makeSecret('api_key', 'live'));
  const verify = () => verifying(product, load, tokens)(32, seconds);
  const url = `${product.url}/v1/tokens/verify`;
  const bodies = tokens.map((token) => JSON.stringify(question(token)));
  const flood = () =>
    load.run({ url, keys, bad: true, bodies, connections: FLOOD_CONNECTIONS, seconds: seconds + 1 });
  const runs = { calm: [], flooded: [], flood: [] };
  const before = await database.refusals();
  for (let round = 0; round < rounds; round++) {
    say(`verify beside a flood, round ${round + 1}`);
    runs.calm.push(await verify());
    const flooding = flood();
    flooding.catch(() => undefined);
    await delay(SETTLE_MS);
    runs.flooded.push(await verify());
    runs.flood.push(await flooding);
  }
  return {
    calm: summary(runs.calm),
    flooded: summary(runs.flooded),
    refusedPerSecond: median(runs.flood.map(({ perSecond }) => perSecond)),
    refused: runs.flood.reduce((sum, { answers }) => sum + answers, 0),
    rows: (await database.refusals()) - before,
    p99Ratio: median(runs.flooded.map(({ p99 }, at) => p99 / runs.calm[at].p99)),
  };
}

/** The first page of the audit log, one request after the other. */
export async function measureAuditList(product, database, requests, say) {
  say('first page of the audit log');
  const events = await database.events(null);
  const times = [];
  for (let i = 0; i < requests; i++) {
    const from = performance.now();
    await call(product, 'GET', '/v1/audit-events');
    times.push(performance.now() - from);
  }
  return { events, p50: percentile(times, 50), p95: percentile(times, 95) };
}

/** From the start of the process to its first answer: on empty folders, and on one that holds all of this. */
export async function measureColdStart(lifetime, key, times, say) {
  const measured = [];
  for (let i = 0; i < times; i++) {
    say('cold start');
    const folder = await lifetime.folder();
    const product = await startProduct(lifetime, folder.path, key);
    measured.push(product.startMs);
    await product.stop();
    await folder.remove();
  }
  return median(measured);
}

export async function measureWarmStart(lifetime, { folder, key }, times, say) {
  const measured = [];
  for (let i = 0; i < times; i++) {
    say('warm start');
    const product = await startProduct(lifetime, folder, key);
    measured.push(product.startMs);
    await product.stop();
  }
  return median(measured);
}

async function startCeiling(lifetime, answers) {
  const { child, ended, stop } = lifetime.process(process.execPath, [CEILING], { nodeChannel: true });
  const failed = ended.then(({ code, output }) => {
    throw new Error(`the ceiling ended (${code}):\n${output}`);
  });
  failed.catch(() => undefined);
  child.send(answers);
  const [url] = await Promise.race([once(child, 'message'), failed]);
  return { url, stop };
}

/** Medians of several rounds, and how far apart they were. */
function summary(runs) {
  const rates = runs.map(({ perSecond }) => perSecond);
  return {
    perSecond: median(rates),
    p50: median(runs.map(({ p50 }) => p50)),
    p99: median(runs.map(({ p99 }) => p99)),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
  };
}

/** The results of some work on each item, a few at once. */
async function inParallel(items, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  return results;
}
