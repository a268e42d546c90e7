import { connect, openDatabase } from './database.mjs';
import { fillTokens, fillWorkspaces } from './fill-credentials.mjs';
import { fillLog } from './fill-log.mjs';
import { answersOf, issueTokens, question, startCeiling } from './measure.mjs';
import { built, call, startProduct } from './product.mjs';
import { median, ratioOf } from './statistics.mjs';

/** Verified by turns, from all over those there are. */
const KNOWN_TOKENS = 10_000;
/** So many of them are looked at whether they are valid. */
const LOOKED_AT = 100;
/** Few, so that the one that is written to is as large as can be. */
const MONTHS = 3;
const CONNECTIONS = 32;

/** What a verification costs with ever more tokens; of those there are, many are verified. */
export function growTokens(lifetime, loadOf, sizes, extent, say) {
  return onFreshProduct(
    lifetime,
    loadOf,
    'tokens',
    extent,
    say,
    async ({ product, client, like, measure }) => {
      const points = [];
      let filled = 0;
      for (const size of sizes) {
        const range = { like, from: filled + 1, to: size, known: KNOWN_TOKENS };
        const tokens = await fillTokens(client, product, { ...range, say });
        filled = size;
        points.push({ label: short(size), ...(await measure({ tokens })) });
      }
      return points;
    },
  );
}

/** The same with ever more events in the log that each verification adds one to. */
export function growEvents(lifetime, loadOf, sizes, extent, say) {
  return onFreshProduct(
    lifetime,
    loadOf,
    'events',
    extent,
    say,
    async ({ product, client, tokens, measure }) => {
      const { workspace } = await call(product, 'GET', '/v1/me');
      const points = [];
      let filled = 0;
      for (const size of sizes) {
        const events = size - filled;
        if (events > 0) {
          await fillLog(client, { workspaceId: workspace.id, events, months: MONTHS, say });
          await client.query('checkpoint');
        }
        filled = size;
        points.push({ label: short(size), ...(await measure({ tokens })) });
      }
      return points;
    },
  );
}

/** The same beside ever more workspaces; at last, with all of them calling at once. */
export function growWorkspaces(lifetime, loadOf, sizes, extent, say) {
  return onFreshProduct(
    lifetime,
    loadOf,
    'workspaces',
    extent,
    say,
    async ({ product, client, tokens, like, measure }) => {
      const count = sizes.at(-1);
      const points = [{ label: '1', ...(await measure({ tokens })) }];
      const { id: key } = await call(product, 'GET', '/v1/me');
      const others = await fillWorkspaces(client, product, { like, key, count, say });
      points.push({ label: short(count), ...(await measure({ tokens })) });
      points.push({ label: `${short(count)}, all calling`, ...(await measure(others)) });
      return points;
    },
  );
}

/** For each curve a product of its own on an empty folder, so that nothing else has grown. */
async function onFreshProduct(lifetime, loadOf, name, { rounds, seconds }, say, fill) {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const folder = await lifetime.folder();
  const load = loadOf(folder.path);
  const product = await startProduct(lifetime, folder.path, makeSecret('api_key', 'live'));
  const database = await openDatabase(lifetime, product);
  const client = await connect(lifetime, database.url);
  const { firstId: like, values: tokens } = await issueTokens(product, 1_000);
  const measure = async (load_) => {
    say(`${name}: verify`);
    return measureCost(lifetime, product, load, { keys: [product.key], ...load_ }, { rounds, seconds });
  };
  const points = await fill({ product, client, tokens, like, measure });
  await client.close();
  await database.close();
  await product.stop();
  await folder.remove();
  return { name, points };
}

async function measureCost(lifetime, product, load, { keys, tokens }, { rounds, seconds }) {
  const step = Math.ceil(tokens.length / LOOKED_AT);
  const caller = { ...product, key: keys[0] };
  const looked = keys.length > 1 ? tokens.slice(0, 1) : tokens.filter((_, at) => at % step === 0);
  const answers = await answersOf(caller, looked);
  // They differ in nothing that takes time.
  const ceiling = await startCeiling(
    lifetime,
    tokens.map((token) => [token, answers[0][1]]),
  );
  const bodies = tokens.map((token) => JSON.stringify(question(token)));
  const run = ({ url }, connections, duration) =>
    load.run({ url: `${url}/v1/tokens/verify`, keys, bodies, connections, seconds: duration });
  const runs = { bare: [], product: [], single: [] };
  await run(ceiling, CONNECTIONS, 1);
  await run(product, CONNECTIONS, 2);
  for (let round = 0; round < rounds; round++) {
    runs.bare.push(await run(ceiling, CONNECTIONS, seconds));
    runs.product.push(await run(product, CONNECTIONS, seconds));
    runs.single.push(await run(product, 1, seconds));
  }
  await ceiling.stop();
  return {
    bare: median(runs.bare.map(({ perSecond }) => perSecond)),
    perSecond: median(runs.product.map(({ perSecond }) => perSecond)),
    ratio: ratioOf(runs.product, runs.bare),
    p50: median(runs.single.map(({ p50 }) => p50)),
  };
}

/** `5 M`, `100 k`. */
function short(count) {
  if (count >= 1e6) return `${count / 1e6} M`;
  return count >= 1e3 ? `${count / 1e3} k` : String(count);
}
