import { setTimeout as delay } from 'node:timers/promises';
import { question, verifying } from './measure.mjs';
import { built, startProduct } from './product.mjs';
import { median, ratioOf, summary } from './statistics.mjs';

const SETTLE_MS = 300;
const FLOOD_CONNECTIONS = 100;
const CONNECTIONS = 128;
/** So many that none of them sends more than a few in a minute, which is when a flood begins. */
const ADDRESSES = 40_000;

/**
 * Verifications beside a flood of refusals, and without it, in turns. The flood comes from the same address with
 * many values that were never issued, as fast as it is answered.
 */
export async function measureFlood(product, load, database, tokens, { rounds, seconds }, say) {
  const keys = await neverIssued();
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
    p99Ratio: ratioOf(runs.flooded, runs.calm, ({ p99 }) => p99),
  };
}

/**
 * Refusals of well-formed keys that were never issued, and verifications, in turns. Both seem to come from so many
 * addresses that none of them makes a flood, which would be counted instead of recorded: each refusal is looked up, and
 * has its own event on disk before its answer, as a verification has.
 *
 * @param stopped the product, which is started anew here: it believes a proxy what addresses it says.
 */
export async function measureRefusals(lifetime, stopped, load, tokens, { rounds, seconds }, say) {
  const env = { TOOKEN_TRUST_PROXY: '127.0.0.0/8' };
  const product = await startProduct(lifetime, stopped.folder, stopped.key, { env });
  const target = {
    url: `${product.url}/v1/tokens/verify`,
    bodies: tokens.map((token) => JSON.stringify(question(token))),
    addresses: ADDRESSES,
    connections: CONNECTIONS,
  };
  const verify = (duration) => load.run({ ...target, key: product.key, seconds: duration });
  const keys = await neverIssued();
  const refuse = (duration) => load.run({ ...target, keys, bad: true, seconds: duration });
  const runs = { verify: [], refuse: [] };
  await verify(1);
  await refuse(1);
  for (let round = 0; round < rounds; round++) {
    say(`refusals, round ${round + 1}`);
    runs.verify.push(await verify(seconds));
    runs.refuse.push(await refuse(seconds));
  }
  await product.stop();
  return {
    verify: summary(runs.verify),
    refuse: summary(runs.refuse),
    ratio: ratioOf(runs.refuse, runs.verify),
  };
}

async function neverIssued() {
  const { makeSecret } = await built('platform/secrets/secret.js');
  return Array.from({ length: 1_000 }, () => makeSecret('api_key', 'live'));
}
