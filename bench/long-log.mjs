/**
 * `node bench/long-log.mjs`: how long the audit log takes to answer when it is long. See README.md.
 *
 *   --events N     1,000,000 unless told; a million takes about 2.5 GB and some minutes
 *   --months N     over so many months, each of which is a partition; 30 unless told
 *   --requests N   for each figure; 40 unless told
 */
import { parseArgs } from 'node:util';
import { program } from './program.mjs';
import { built, call, startProduct } from './product.mjs';
import { percentile } from './statistics.mjs';

const { values: options } = parseArgs({
  options: { events: { type: 'string' }, months: { type: 'string' }, requests: { type: 'string' } },
});
const [events, months, requests] = [options.events ?? 1e6, options.months ?? 30, options.requests ?? 40].map(
  Number,
);
const PAGE = 50;
const DEEP = 1_000;
const TRIES = 10;

const sayRow = (row) => (console.error(row.join(' | ')), row);

const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString();

/**
 * What many events have, and what none has; of an event deep in the log, what only it or few have. _The newest_ are our
 * own requests, some thousands by then: what matches nothing but all the others has to look behind them first.
 */
const filters = (event) => [
  ['none', '', null],
  ['action', 'action=token.verify', 'action=scope.create'],
  ['action, a prefix', 'action=token.*', 'action=scope.*'],
  ['outcome', 'outcome=denied', null],
  ['reason', 'reason=expired', 'reason=nothing'],
  ['actor_type', 'actor_type=token', 'actor_type=user'],
  ['actor_id', `actor_id=${event.actor.id}`, 'actor_id=key_nobody'],
  ['target_type', 'target_type=token', 'target_type=user'],
  ['target_id, often', 'target_id=token_01k2qj6m4xf3v9n0e7w8r00000', null],
  ['target_id, rarely', `target_id=${event.target.id}`, 'target_id=token_nothing'],
  ['request_id', `request_id=${event.request.id}`, 'request_id=nothing'],
  ['ip, one address', `ip=${event.request.ip}`, 'ip=192.0.2.1'],
  ['ip, 256 addresses', `ip=${event.request.ip}/24`, 'ip=192.0.2.0/24'],
  ['ip, all of them', 'ip=0.0.0.0/0', null],
  ['ip, all but the newest', 'ip=10.0.0.0/8', null],
  ['q, one name', 'q=partner 09999', 'q=nobody of that name'],
  ['q, ten names', 'q=partner 0000', null],
  ['q, every id', 'q=_01', null],
  ['q, all but the newest', 'q=partner', null],
  ['environment', 'environment=live', 'environment=test'],
  ['from, to', `from=${daysAgo(300)}&to=${daysAgo(100)}`, 'to=2001-01-01T00:00:00Z'],
  ['action and outcome', 'action=token.verify&outcome=denied', 'action=token.verify&outcome=failure'],
  ['both common, never met', null, 'action=me.read&outcome=denied'],
];

const counts = (event) => [
  ['30 days', 'interval=day'],
  ['a year', `interval=day&from=${daysAgo(365)}`],
  ['one outcome, 24 hours', 'interval=hour&outcome=denied'],
  ['one token, 30 days', `interval=day&target_id=${event.target.id}`],
  ['one busy token, 30 days', 'interval=day&target_id=token_01k2qj6m4xf3v9n0e7w8r00000'],
];

await program(async (lifetime, say) => {
  const { connect, openDatabase } = await import('./database.mjs');
  const { fillLog, requireRoom } = await import('./fill-log.mjs');
  const { measureAuditList } = await import('./measure-log.mjs');
  const { path: folder } = await lifetime.folder();
  await requireRoom(folder, events);
  const { makeSecret } = await built('platform/secrets/secret.js');
  const product = await startProduct(lifetime, folder, makeSecret('api_key', 'live'));
  const { workspace } = await call(product, 'GET', '/v1/me');
  const database = await openDatabase(lifetime, product);
  const client = await connect(lifetime, database.url);
  const from = performance.now();
  const bytes = await fillLog(client, { workspaceId: workspace.id, events, months, say });
  const seconds = (performance.now() - from) / 1000;
  await client.close();

  const first = await measureAuditList(lifetime, product, database, requests, say);
  const event = await someEvent(product);
  const rows = [];
  for (const [name, often, never] of filters(event)) {
    rows.push(
      sayRow([
        name,
        ...(often === null ? ['', ''] : await times(product, often)),
        ...(often === null ? ['', '', ''] : await deepTimes(product, often)),
        ...(never === null ? ['', ''] : await times(product, never)),
      ]),
    );
  }
  const counted = [];
  for (const [name, query] of counts(event)) {
    counted.push(sayRow([name, ...(await timesOf(product, `/v1/audit-events/stats?${query}`))]));
  }
  const head = ['filter', 'first p50', 'p95', 'deep p50', 'p95', 'page', 'no match p50', 'p95'];
  return [
    `${events.toLocaleString('en-US')} events of one workspace in ${months} months; ${(bytes / 1e9).toFixed(1)} GB, filled in ${seconds.toFixed(0)} s; ms of ${requests} requests each`,
    '',
    ...table([head, ...rows]),
    '',
    ...table([['counts', 'p50', 'p95'], ...counted]),
    '',
    `first page, no filter: p50 ${first.p50.toFixed(2)} ms; its statements by themselves ${first.directP50.toFixed(2)} ms`,
    `${first.ratio < 2 ? 'met    ' : 'MISSED '} of its statements by themselves: ${first.ratio.toFixed(2)} (target 2)`,
  ].join('\n');
});

/** Of a token that is not often presented. */
async function someEvent(product) {
  const { data } = await call(product, 'GET', '/v1/audit-events?action=token.verify&limit=1000');
  return data.find(({ target }) => target.id > 'token_01k2qj6m4xf3v9n0e7w8r05000');
}

function times(product, query) {
  return timesOf(product, `/v1/audit-events?limit=${PAGE}&${query}`);
}

/** Of page 1,000, or of the last one there is. Reached in larger steps: a cursor is not bound to the limit. */
async function deepTimes(product, query) {
  let page = 1;
  let cursor = '';
  while (page < DEEP) {
    const limit = Math.min((DEEP - page) * PAGE, 200);
    const path = `/v1/audit-events?limit=${limit}&${query}${cursor}`;
    const { data, next_cursor } = await patiently(product, path);
    if (next_cursor === null) break;
    page += data.length / PAGE;
    cursor = `&cursor=${next_cursor}`;
  }
  const found = await times(product, `${query}${cursor}`);
  return [...found, String(Math.floor(page))];
}

/** What was never read comes from the disk, which may take longer than an answer may; the next time it is there. */
async function patiently(product, path, tries = TRIES) {
  try {
    return await call(product, 'GET', path);
  } catch (error) {
    if (tries === 1 || !/answered 503/.test(error.message)) throw error;
    return patiently(product, path, tries - 1);
  }
}

/** Once for the disk, then measured. */
async function timesOf(product, path) {
  const measured = [];
  await patiently(product, path);
  for (let i = 0; i < requests; i++) {
    const from = performance.now();
    await patiently(product, path);
    measured.push(performance.now() - from);
  }
  return [percentile(measured, 50), percentile(measured, 95)].map((ms) => ms.toFixed(1));
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
