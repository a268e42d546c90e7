import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifying } from './measure.mjs';
import { startProduct } from './product.mjs';
import { ratioOf, summary } from './statistics.mjs';

/** Of each of the two loads. */
const CONNECTIONS = 64;
const ROLE = 'tooken_bench';

/**
 * Verifications by two loads at once: both at one instance, and one at each of two on the same database, in turns. The
 * load is the same, so that only the instances make the difference.
 */
export async function measureInstances(lifetime, product, load, database, tokens, { rounds, seconds }, say) {
  const second = await startSecond(lifetime, product, database);
  const verify = async (instances, duration) => {
    const results = await Promise.all(
      instances.map((each) => verifying(each, load, tokens)(CONNECTIONS, duration)),
    );
    return {
      perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
      p50: Math.max(...results.map(({ p50 }) => p50)),
      p99: Math.max(...results.map(({ p99 }) => p99)),
    };
  };
  const runs = { one: [], two: [] };
  await verify([product, second], 1);
  for (let round = 0; round < rounds; round++) {
    say(`one instance and two, round ${round + 1}`);
    runs.one.push(await verify([product, product], seconds));
    runs.two.push(await verify([product, second], seconds));
  }
  await second.stop();
  return { one: summary(runs.one), two: summary(runs.two), ratio: ratioOf(runs.two, runs.one) };
}

/** Another process on the embedded database of the first, as on one of the operator's own: with a role for requests. */
async function startSecond(lifetime, { folder, key }, database) {
  const password = randomBytes(16).toString('hex');
  await database.query(`drop role if exists ${ROLE}`);
  await database.query(`create role ${ROLE} login password '${password}'`);
  const url = new URL(database.url);
  url.username = ROLE;
  url.password = password;
  const { path } = await lifetime.folder();
  return startProduct(lifetime, path, key, {
    env: {
      DATABASE_URL: url.href,
      DATABASE_MIGRATION_URL: database.url,
      TOOKEN_SECRET_KEY: (await readFile(join(folder, 'data', 'secret.key'), 'utf8')).trim(),
    },
  });
}
