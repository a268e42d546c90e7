import { requireRoom } from './fill-log.mjs';
import { issueTokens, verifying } from './measure.mjs';
import { built, residentBytes, startProduct } from './product.mjs';
import { median } from './statistics.mjs';

const CONNECTIONS = 128;
const STEP_S = 30;
/** More than any machine of today verifies. */
const EVENTS_A_SECOND = 10_000;
const MB = 1024 * 1024;

/**
 * Verifications at full load for minutes: how much memory the product's process holds every half minute, PostgreSQL
 * apart. It is flat when the last third holds no more than the second, but for a tenth.
 *
 * @param say gets a line every half minute.
 * @returns for people.
 */
export async function soak(lifetime, loadOf, { tokens, minutes }, say) {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const { path: folder } = await lifetime.folder();
  await requireRoom(folder, minutes * 60 * EVENTS_A_SECOND);
  const load = loadOf(folder);
  const product = await startProduct(lifetime, folder, makeSecret('api_key', 'live'));
  const verify = verifying(product, load, (await issueTokens(product, tokens)).values);
  const idle = (await residentBytes(product.pid)) / MB;
  const steps = [];
  for (let step = 1; step <= (minutes * 60) / STEP_S; step++) {
    const sampling = new AbortController();
    const held = sample(product, sampling.signal);
    const { perSecond, p99 } = await verify(CONNECTIONS, STEP_S);
    sampling.abort();
    const values = await held;
    const [typical, peak] = [median(values), Math.max(...values)];
    steps.push({ typical, peak });
    say(
      `${((step * STEP_S) / 60).toFixed(1).padStart(5)} min  ${typical.toFixed(0)} MB, ${peak.toFixed(0)} MB at most;  ${Math.round(perSecond).toLocaleString('en-US')} verifications/s, p99 ${p99.toFixed(0)} ms`,
    );
  }
  await product.stop();
  const third = Math.max(Math.floor(steps.length / 3), 1);
  const held = (some) => median(some.map(({ typical }) => typical));
  const [second, last] = [held(steps.slice(third, 2 * third)), held(steps.slice(-third))];
  const most = Math.max(...steps.map(({ peak }) => peak));
  return [
    `memory over ${minutes} minutes at ${CONNECTIONS} connections, without PostgreSQL: ${idle.toFixed(0)} MB before,`,
    `${second.toFixed(0)} MB in the second third, ${last.toFixed(0)} MB in the last, ${most.toFixed(0)} MB at most`,
    `${most < 180 ? 'met    ' : 'MISSED '} at most ${most.toFixed(0)} MB (target 180)`,
    `${last <= second * 1.1 ? 'met    ' : 'MISSED '} flat: the last third holds ${(last / second).toFixed(2)} of the second (target 1.1)`,
  ].join('\n');
}

async function sample({ pid }, signal) {
  const values = [];
  while (!signal.aborted) {
    values.push((await residentBytes(pid)) / MB);
    await new Promise((done) => setTimeout(done, 500));
  }
  return values;
}
