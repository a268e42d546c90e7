import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { call, watchMemory } from './product.mjs';
import { insertDirectly, lookUpAndInsertDirectly } from './reference.mjs';
import { median, ratioOf, summary } from './statistics.mjs';

const CEILING = fileURLToPath(new URL('ceiling.mjs', import.meta.url));
const CALLS_AT_ONCE = 16;
const SETTLE_MS = 300;

/** What is asked of a token: what an API would ask that has just been presented one. */
export const question = (token) => ({
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
 * strikes both; one at a time, also of what the database alone takes for one. A ratio is the median of those of single
 * rounds.
 */
export async function measureVerify(
  lifetime,
  product,
  load,
  database,
  { values: tokens, firstId },
  { connections, rounds, seconds },
  say,
) {
  // Each once, unhurried: the ceiling is to give the very same answers.
  const answers = await answersOf(product, tokens);
  const ceiling = await startCeiling(lifetime, answers);
  const run = ({ url }, count, duration) =>
    verifying({ url, key: product.key }, load, tokens)(count, duration);
  let answered = answers.length;
  const cells = [];
  const peakMemory = watchMemory(product);
  for (const count of connections) {
    const runs = { ceiling: [], product: [], direct: [] };
    say(`verify, ${count} at once`);
    await run(ceiling, count, 1);
    answered += (await run(product, count, 1)).answers;
    for (let round = 0; round < rounds; round++) {
      runs.ceiling.push(await run(ceiling, count, seconds));
      const result = await run(product, count, seconds);
      runs.product.push(result);
      answered += result.answers;
      if (count === 1)
        runs.direct.push(await lookUpAndInsertDirectly(lifetime, database, firstId, { seconds }));
    }
    cells.push({
      connections: count,
      ceiling: summary(runs.ceiling),
      product: summary(runs.product),
      ratio: ratioOf(runs.product, runs.ceiling),
      ...(count === 1 && { direct: summary(runs.direct), ofDirect: ratioOf(runs.product, runs.direct) }),
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
      runs.direct.push({ perSecond: await insertDirectly(lifetime, database, tokenId, target) });
      await delay(SETTLE_MS);
      runs.product.push(await load.run({ url, key: product.key, bodies, ...target }));
    }
    cells.push({
      connections: count,
      direct: { perSecond: median(runs.direct.map(({ perSecond }) => perSecond)) },
      product: summary(runs.product),
      ratio: ratioOf(runs.product, runs.direct),
    });
  }
  return cells;
}

/** What each token is answered, which is that it is valid. */
export function answersOf(product, tokens) {
  return inParallel(tokens, async (token) => {
    const answer = await call(product, 'POST', '/v1/tokens/verify', question(token));
    if (!answer.valid) throw new Error(`a token just issued is ${answer.code}`);
    return [token, answer];
  });
}

/** @param answers by token. */
export async function startCeiling(lifetime, answers) {
  const { child, ended, stop } = lifetime.process(process.execPath, [CEILING], { nodeChannel: true });
  const failed = ended.then(({ code, output }) => {
    throw new Error(`the ceiling ended (${code}):\n${output}`);
  });
  failed.catch(() => undefined);
  child.send(answers);
  const [url] = await Promise.race([once(child, 'message'), failed]);
  return { url, stop };
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
