import { setTimeout as delay } from 'node:timers/promises';
import { listDirectly } from './list-directly.mjs';
import { built, call, watchMemory } from './product.mjs';
import { median, percentile } from './statistics.mjs';

const CONNECTIONS = 32;
const PROBE_EVERY_MS = 50;
const LOOK_EVERY_MS = 5;
const PLACE =
  'select index from audit_entries where workspace_id = (select id from workspaces where operator) and event_id = $1';

/**
 * Verifications with the sequencer at work and without it, in turns: the bench holds the lock that says whose turn it
 * is, and so it is nobody's. While it works, single verifications are made beside the load, and it is seen how long
 * after its answer each has its place in the log.
 *
 * @param load verifies at so many connections for so many seconds.
 */
export async function measureSequencer(product, database, verify, { rounds, seconds }, say) {
  const { SEQUENCE_LOCK } = await built('audit-log/sequencing/sequence-lock.js');
  const runs = { with: [], without: [] };
  const lags = [];
  for (let round = 0; round < rounds; round++) {
    say(`verify with and without the sequencer, round ${round + 1}`);
    await nothingPending(database);
    const probing = new AbortController();
    const probed = probe(product, database, probing.signal);
    runs.with.push(await verify(CONNECTIONS, seconds));
    probing.abort();
    lags.push(...(await probed));
    await nothingPending(database);
    await database.one('select pg_advisory_lock($1)', [SEQUENCE_LOCK]);
    runs.without.push(await verify(CONNECTIONS, seconds));
    await database.one('select pg_advisory_unlock($1)', [SEQUENCE_LOCK]);
  }
  return {
    with: median(runs.with.map(({ perSecond }) => perSecond)),
    without: median(runs.without.map(({ perSecond }) => perSecond)),
    ratio: median(runs.with.map(({ perSecond }, at) => perSecond / runs.without[at].perSecond)),
    lag: { probes: lags.length, p50: percentile(lags, 50), p99: percentile(lags, 99) },
  };
}

/**
 * The first page of the audit log, and the statements that it takes, sent by themselves, in turns and one after the
 * other. The product moreover knows its caller and records the request, on disk before the answer.
 */
export async function measureAuditList(lifetime, product, database, requests, say) {
  say('first page of the audit log');
  const events = await database.events(null);
  const direct = await listDirectly(lifetime, product, database);
  const times = { product: [], direct: [] };
  for (let i = 0; i < requests; i++) {
    let from = performance.now();
    await call(product, 'GET', '/v1/audit-events');
    times.product.push(performance.now() - from);
    from = performance.now();
    await direct.run();
    times.direct.push(performance.now() - from);
  }
  await direct.close();
  const [p50, p95, directP50] = [
    percentile(times.product, 50),
    percentile(times.product, 95),
    percentile(times.direct, 50),
  ];
  return { events, p50, p95, directP50, ratio: p50 / directP50 };
}

/** An export of the whole log, taken as fast as it comes; how much memory the product's process holds meanwhile. */
export async function measureExport(product, say) {
  say('export of the whole log');
  const idle = await watchMemory(product)();
  const peak = watchMemory(product);
  const from = performance.now();
  const response = await fetch(`${product.url}/v1/audit-events/export?format=ndjson`, {
    headers: { authorization: `Bearer ${product.key}` },
  });
  if (!response.ok) throw new Error(`the export answered ${response.status}`);
  let lines = 0;
  for await (const chunk of response.body) for (const byte of chunk) if (byte === 10) lines++;
  const seconds = (performance.now() - from) / 1000;
  return { events: lines, seconds, idle, peak: await peak() };
}

async function nothingPending(database) {
  while ((await database.one('select exists (select from audit_pending) as is_any')).is_any) await delay(50);
}

/** @returns milliseconds from each answer to its event's place. */
async function probe(product, database, signal) {
  const lags = [];
  while (!signal.aborted) {
    const { event_id: id } = await call(product, 'POST', '/v1/tokens/verify', { token: 'nothing' });
    const answered = performance.now();
    while ((await database.one(PLACE, [id])) === undefined) await delay(LOOK_EVERY_MS);
    lags.push(performance.now() - answered);
    await delay(PROBE_EVERY_MS);
  }
  return lags;
}
