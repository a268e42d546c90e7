import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { question, verifying } from './measure.mjs';

const OPEN_LOOP = fileURLToPath(new URL('open-loop.mjs', import.meta.url));
const CONNECTIONS = 128;
const TIMES = 5;
/** Enough for all that a product may let wait, and more: it is to refuse, not we for want of a connection. */
const LINES = 2_000;
/** Of what it can serve: what it has to do before and after. */
const CALM = 0.5;
/** It is back when so many windows in a row are as good as those before, but for so much. */
const WINDOWS_IN_A_ROW = 4;
const AS_GOOD = 1.5;

/**
 * Verifications at a constant rate: half of what the product can serve, then five times what it can, then half again. What it
 * cannot serve it has to refuse, telling when to come back, so that what it accepts is answered soon, and that it is as
 * it was soon afterwards.
 */
export async function measureOverload(
  lifetime,
  product,
  load,
  tokens,
  { seconds, overload: { calm, storm, after } },
  say,
) {
  say(`overload, for ${storm} s`);
  const { perSecond: capacity } = await verifying(product, load, tokens)(CONNECTIONS, seconds);
  const phases = [
    { rate: capacity * CALM, seconds: calm },
    { rate: capacity * TIMES, seconds: storm },
    { rate: capacity * CALM, seconds: after },
  ];
  const task = {
    url: `${product.url}/v1/tokens/verify`,
    key: product.key,
    bodies: tokens.map((token) => JSON.stringify(question(token))),
    connections: LINES,
    phases,
  };
  const { child, ended, stop } = lifetime.process(process.execPath, [OPEN_LOOP], { nodeChannel: true });
  const failed = ended.then(({ code, output }) => {
    throw new Error(`the open loop ended (${code}):\n${output}`);
  });
  failed.catch(() => undefined);
  child.send(task);
  const [[before, during, later]] = await Promise.race([once(child, 'message'), failed]);
  await stop();
  const answered = during.accepted + during.shed + during.failed;
  return {
    capacity,
    offered: during.rate,
    sentPerSecond: during.sent / storm,
    acceptedPerSecond: during.accepted / storm,
    ofCapacity: during.accepted / storm / capacity,
    p99: during.p99 ?? Infinity,
    shed: during.shed / answered,
    failed: during.failed,
    p99Before: before.p99 ?? Infinity,
    backAfterS: backAfter(before, later),
  };
}

/** Seconds until it is as it was before; infinite when it never was. */
function backAfter({ windows: before, windowMs }, { windows: later }) {
  // The first one opens the connections, so to speak: nothing is warm.
  const worst = Math.max(...before.slice(1).map(({ p99 }) => p99));
  const isGood = ({ p99, shed, failed, unsent }) =>
    shed + failed + unsent === 0 && p99 !== null && p99 <= worst * AS_GOOD;
  const at = later.findIndex(
    (_, from) =>
      from + WINDOWS_IN_A_ROW <= later.length && later.slice(from, from + WINDOWS_IN_A_ROW).every(isGood),
  );
  return at === -1 ? Infinity : (at * windowMs) / 1000;
}
