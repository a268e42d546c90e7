import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import type { Caller } from '../support/caller.js';
import type { TestDatabase } from '../support/test-database.js';
import { World } from '../support/world.js';
import { sequenced, writePast, type PastEvent } from './past-events.js';

const EVENTS = 24_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const OFTEN = 'key_00000000000000000000000000';
const ONCE = 'key_00000000000000000000000001';
const TOKEN = 'token_0000000000000000000000000';

/** A page of 50, looked for in all partitions, and what stands beside its events; thousands would be a search. */
const MOST_ROWS_READ = 700;
/** What one statement looks at before a search is answered with what it has found, and some of it looked up. */
const MOST_LOOKED_AT = 45_000;

/** Of each filter: what many events have, what two of long ago have, and what none has. */
const FILTERS: [filter: string, often: string | null, rarely: string | null, never: string | null][] = [
  ['action', 'token.verify', 'api_key.delete', 'scope.create'],
  ['outcome', 'denied', 'failure', null],
  ['reason', 'expired', 'not_found', 'no_such_reason'],
  ['actor_type', 'api_key', 'token', 'user'],
  ['actor_id', OFTEN, ONCE, 'key_nobody'],
  ['target_type', 'token', 'api_key', 'workspace'],
  ['target_id', `${TOKEN}0`, ONCE, 'token_none'],
  ['request_id', 'always-the-same', 'only-once', 'never'],
  ['ip', '10.0.1.1', '198.51.100.1', '192.0.2.1'],
  ['ip', '10.0.0.0/8', '198.51.100.0/24', '192.0.2.0/24'],
  ['q', 'partner', 'long ago', 'nobody at all'],
  ['environment', 'live', null, 'test'],
  ['from', '2000-01-01T00:00:00Z', null, '2100-01-01T00:00:00Z'],
  ['to', '2100-01-01T00:00:00Z', null, '2000-01-01T00:00:00Z'],
];

const CASES = FILTERS.flatMap(([filter, often, rarely, never]) =>
  Object.entries({ often, rarely, never })
    .filter((each): each is [string, string] => each[1] !== null)
    .map(([how, value]): [string, string, string] => [filter, value, how]),
);

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

describe('in a log of many months', () => {
  let world: World;
  let caller: Caller;
  /** How the product's statements were executed, since the test began. */
  let plans: Plan[] = [];

  beforeAll(async () => {
    world = await World.start();
    const { id, key } = await world.workspace('Busy');
    caller = world.as(key);
    await writePast(world.database, pastOf(id, world.clock.now()));
    await sequenced(world.database);
    await nameMany(world.database, id, 'crowd', 6_000, `${TOKEN}7`);
    await nameMany(world.database, id, 'bunch', 300, `${TOKEN}8`);
    await world.database.query('analyze');
    explainAll(world.apps[0]!.get(Database), (plan) => plans.push(plan));
  }, 120_000);
  beforeEach(() => {
    plans = [];
  });
  afterAll(() => world.close());

  it.each(CASES)('%s=%s, which is met %s, is answered along an index', async (filter, value, how) => {
    for (const order of ['desc', 'asc']) {
      plans = [];
      const query = new URLSearchParams({ [filter]: value, order, limit: '50' });
      const { data, next } = await pageOf(caller, query);
      expect(data.length).toBe(how === 'often' ? 50 : how === 'rarely' ? 2 : 0);
      expect(next === null).toBe(how !== 'often');
      expect(scannedWhole(plans)).toEqual([]);
      // A range of addresses may be counted first, and names are no events.
      expect(rowsRead(plans)).toBeLessThan(value.endsWith('/8') ? MOST_LOOKED_AT : MOST_ROWS_READ);
    }
  });

  it('costs the same deep within as on the first page', async () => {
    const query = new URLSearchParams({ action: 'token.verify', limit: '50' });
    for (let page = 0; page < 100; page++) {
      plans = [];
      const { next } = await pageOf(caller, query);
      expect(scannedWhole(plans)).toEqual([]);
      expect(rowsRead(plans)).toBeLessThan(MOST_ROWS_READ);
      query.set('cursor', next!);
    }
  });

  it.each([
    ['action=me.read&outcome=denied', `action = 'me.read' and outcome = 'denied'`],
    ['actor_type=api_key&target_type=token&reason=revoked', `target_type = 'token' and reason = 'revoked'`],
    [`ip=10.0.0.0/8&action=me.read&actor_id=${ONCE}`, 'false'],
    ['ip=10.0.0.0/25&action=token.verify', `action = 'token.verify' and ip <<= '10.0.0.0/25'`],
    ['q=partner 7&outcome=denied', `outcome = 'denied' and target_id = '${TOKEN}7'`],
    ['q=partner&ip=198.51.100.0/24', 'false'],
    ['q=crowd', `target_id = '${TOKEN}7'`],
    ['q=bunch&outcome=denied', `target_id = '${TOKEN}8' and outcome = 'denied'`],
    [
      `target_id=${TOKEN}3&outcome=denied&ip=10.0.1.0/24`,
      `target_id = '${TOKEN}3' and outcome = 'denied' and ip <<= '10.0.1.0/24'`,
    ],
  ])('finds every event of ?%s in order, and looks at no more than it must', async (filters, condition) => {
    const wanted = await world.database.query<{ id: string }>(
      `select id from audit_events join audit_personal on event_id = id
        where audit_events.environment <> 'test' and (${condition}) order by id`,
    );
    for (const order of ['desc', 'asc']) {
      const query = new URLSearchParams(`${filters}&order=${order}&limit=1000`);
      const found: string[] = [];
      for (let next: string | null = ''; next !== null;) {
        if (next !== '') query.set('cursor', next);
        const page = await pageOf(caller, query);
        found.push(...page.data.map(({ id }) => id));
        next = page.next;
      }
      expect(found).toEqual(order === 'asc' ? idsOf(wanted) : idsOf(wanted).reverse());
    }
    expect(scannedWhole(plans)).toEqual([]);
    for (const plan of plans) expect(rowsRead([plan])).toBeLessThan(MOST_LOOKED_AT);
  });

  it.each([
    'interval=day',
    `interval=day&target_id=${TOKEN}0`,
    'interval=hour&ip=198.51.100.0/24',
    'q=partner 1',
  ])('counts ?%s without reading the whole log', async (query) => {
    expect((await caller.get(`/v1/audit-events/stats?${query}`)).status).toBe(200);
    expect(scannedWhole(plans)).toEqual([]);
  });

  it('looks up last uses without reading the whole log', async () => {
    await world.token({}, caller);
    plans = [];
    for (const path of ['/v1/tokens', '/v1/api-keys']) expect((await caller.get(path)).status).toBe(200);
    expect(plans.length).toBeGreaterThan(0);
    expect(scannedWhole(plans)).toEqual([]);
    expect(rowsRead(plans)).toBeLessThan(MOST_ROWS_READ);
  });
});

/** Four months, up to now; what is rare is in the first of them. */
function pastOf(workspaceId: string, now: number): PastEvent[] {
  return Array.from({ length: EVENTS }, (_, at): PastEvent => {
    const isVerified = at % 2 === 0;
    const isDenied = isVerified && at % 8 === 0;
    const partner = String(Math.floor(at / 2) % 10);
    return {
      workspace_id: workspaceId,
      at: now - DAY_MS - Math.floor(((EVENTS - at) * 110 * DAY_MS) / EVENTS),
      environment: at % 100 === 99 ? null : 'live',
      request_id: 'always-the-same',
      ip: `10.0.${String(at % 3)}.${String(at % 150)}`,
      actor_id: OFTEN,
      actor_name: 'CI',
      ...(isVerified && { action: 'token.verify', target_type: 'token' }),
      ...(isVerified && { target_id: `${TOKEN}${partner}`, target_name: `Partner ${partner}` }),
      ...(isDenied && { outcome: 'denied', reason: at % 3000 === 0 ? 'revoked' : 'expired' }),
      ...((at === 100 || at === 301) && RARE),
    };
  });
}

const RARE: Partial<PastEvent> = {
  ...{ action: 'api_key.delete', outcome: 'failure', reason: 'not_found', request_id: 'only-once' },
  ...{ actor_type: 'token', actor_id: ONCE, actor_name: 'Long ago', ip: '198.51.100.1' },
  ...{ target_type: 'api_key', target_id: ONCE, target_name: 'Long ago' },
};

/** Thousands of the name, of which the log still has the events of one. */
async function nameMany(
  database: TestDatabase,
  workspaceId: string,
  name: string,
  count: number,
  id: string,
): Promise<void> {
  await database.query(
    `insert into audit_names (workspace_id, id, name, hint)
     select $1, case number when 1 then $4 else 'token_' || $2 || number end, initcap($2) || ' ' || number, ''
       from generate_series(1, $3::int) as number`,
    [workspaceId, name, count, id],
  );
}

async function pageOf(
  caller: Caller,
  query: URLSearchParams,
): Promise<{ data: { id: string }[]; next: string | null }> {
  const { status, body, text } = await caller.get<{ data: { id: string }[]; next_cursor: string | null }>(
    `/v1/audit-events?${query.toString()}`,
  );
  if (status !== 200) throw new Error(`the log answered ${String(status)}: ${text}`);
  return { data: body.data, next: body.next_cursor };
}

const idsOf = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);

/** Has PostgreSQL say how it executes each statement over the log: as the product's own role, with its settings. */
function explainAll(database: Database, note: (plan: Plan) => void): void {
  const query = database.query.bind(database);
  database.query = async <Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> => {
    // The tree, which grows meanwhile, is nobody's request.
    if (/^\s*select\b.*\baudit_(?:events|personal|entries)\b/s.test(sql) && !sql.includes('leaf_hash')) {
      const [row] = await query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `explain (analyze, format json) ${sql}`,
        parameters,
      );
      note(row!['QUERY PLAN'][0]!.Plan);
    }
    return query<Row>(sql, parameters);
  };
}

const OF_THE_LOG = /^audit_(?:events|personal|entries)/;

function scansOf(plan: Plan): Plan[] {
  const below = (plan.Plans ?? []).flatMap(scansOf);
  return OF_THE_LOG.test(plan['Relation Name'] ?? '') ? [plan, ...below] : below;
}

function scannedWhole(plans: readonly Plan[]): string[] {
  const whole = plans
    .flatMap(scansOf)
    .filter((plan) => plan['Node Type'] === 'Seq Scan' && plan['Actual Loops'] > 0);
  return whole.map((plan) => plan['Relation Name']!);
}

function rowsRead(plans: readonly Plan[]): number {
  return plans
    .flatMap(scansOf)
    .reduce(
      (sum, plan) =>
        sum + (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'],
      0,
    );
}
