import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadMigrations } from '../../src/platform/database/migrate.js';
import type { Caller } from '../support/caller.js';
import { unissued } from '../support/secret-format.js';
import { World, type EventJson } from '../support/world.js';
import { writePast } from './past-events.js';

interface Bucket {
  start: string;
  count: number;
  outcomes: Record<string, number>;
  actions: Record<string, number>;
  reasons: Record<string, number>;
}

interface Stats {
  interval: string;
  from: string;
  to: string;
  data: Bucket[];
}

const MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
type Interval = keyof typeof MS;
const INTERVALS: Interval[] = ['minute', 'hour', 'day'];

describe('the counts of the audit log', () => {
  let world: World;
  let caller: Caller;
  let key: string;
  let token: { id: string; token: string };
  /** Of the log until `end`. */
  let log: EventJson[];
  let end: string;

  beforeAll(async () => {
    world = await World.start();
    const workspace = await world.workspace('Counted');
    ({ key } = workspace);
    caller = world.as(key);
    token = await world.token({ name: 'Acme' }, caller);
    for (let i = 0; i < 12; i++) {
      world.clock.advance(7 * MS.minute + i * 311);
      await world.verify(token.token, i % 3 === 0 ? { scopes: ['other:thing'] } : {}, caller);
      if (i % 4 === 0) await world.verify(unissued('tkn'), {}, caller);
      if (i % 2 === 0) await caller.post('/v1/tokens', { name: '' });
    }
    const at = world.clock.now() - 50 * MS.hour;
    await writePast(world.database, [
      {
        workspace_id: workspace.id,
        at,
        action: 'me.read',
        outcome: 'denied',
        reason: 'rate_limited',
        count: 250,
      },
      { workspace_id: workspace.id, at, environment: 'test', count: 1000 },
    ]);
    world.clock.advance(2 * MS.day);
    end = new Date(world.clock.now() - MS.day - MS.hour).toISOString();
    const { body } = await caller.get<{ data: EventJson[] }>(`/v1/audit-events?to=${end}&limit=1000`);
    log = body.data;
  });
  afterAll(() => world.close());

  const count = async (query: string, by = caller): Promise<Stats> => {
    const { status, body, text } = await by.get<Stats>(`/v1/audit-events/stats?${query}`);
    if (status !== 200) throw new Error(`the counts are ${String(status)}: ${text}`);
    return body;
  };
  const total = ({ data }: Stats): number => data.reduce((sum, each) => sum + each.count, 0);

  it.each([
    ...INTERVALS.map((interval) => [interval, '']),
    ['hour', 'action=token.*'],
    ['hour', 'action=token.verify&action=me.read&outcome=denied'],
    ['hour', 'reason=insufficient_scope&reason=rate_limited'],
    ['minute', 'actor_type=api_key&outcome=failure'],
    ['hour', 'q=acme'],
    ['hour', 'q=nobody'],
    ['day', 'target_type=token&ip=127.0.0.0/8'],
    ['day', 'environment=test'],
  ] as [Interval, string][])('by %s, of ?%s, are those of the list', async (interval, filters) => {
    const from = new Date(Date.parse(end) - 300 * MS[interval]).toISOString();
    const stats = await count(`interval=${interval}&from=${from}&to=${end}&${filters}`);
    const listed = await caller.get<{ data: EventJson[] }>(
      `/v1/audit-events?from=${stats.from}&to=${stats.to}&limit=1000&${filters}`,
    );
    // What is read here falls into no time that is counted.
    expect(Date.parse(stats.to)).toBeLessThan(world.clock.now());
    const { data } = listed.body;
    expect(stats.data.filter((each) => each.count > 0)).toEqual(countedByHand(data, MS[interval]));
    expect(total(stats)).toBe(data.reduce((sum, event) => sum + event.count, 0));
    expect(filters !== '' || interval === 'minute' || total(stats) > 250).toBe(true);
  });

  it('of one token tell its use over time', async () => {
    const stats = await count(
      `interval=hour&from=${new Date(Date.parse(end) - 2 * MS.day).toISOString()}&to=${end}&target_id=${token.id}`,
    );
    const about = log.filter(({ target }) => target?.id === token.id);
    expect(about.length).toBe(13);
    expect(total(stats)).toBe(about.length);
    expect(stats.data.flatMap(({ reasons }) => Object.keys(reasons))).toContain('insufficient_scope');
  });

  it.each(INTERVALS)('by %s have a bucket for every one, also where nothing happened', async (interval) => {
    const stats = await count(`interval=${interval}`);
    expect(stats.data).toHaveLength({ minute: 60, hour: 24, day: 30 }[interval]);
    for (const [at, { start }] of stats.data.entries()) {
      expect(Date.parse(start)).toBe(Date.parse(stats.from) + at * MS[interval]);
      expect(Date.parse(start) % MS[interval]).toBe(0);
    }
    expect(Date.parse(stats.to)).toBeGreaterThan(world.clock.now());
    expect(Date.parse(stats.to) - world.clock.now()).toBeLessThanOrEqual(MS[interval]);
    const nothing = { count: 0, outcomes: { success: 0, denied: 0, failure: 0 }, actions: {}, reasons: {} };
    expect((await count(`interval=minute&from=2020-01-01T00:00:00Z&to=2020-01-01T00:02:00Z`)).data).toEqual([
      { start: '2020-01-01T00:00:00.000Z', ...nothing },
      { start: '2020-01-01T00:01:00.000Z', ...nothing },
    ]);
  });

  it('count by the hour unless told', async () => {
    expect((await count('')).interval).toBe('hour');
  });

  it('widen a time to whole intervals, and leave none out that is touched', async () => {
    const within = async (from: string, to: string): Promise<[string, string]> => {
      const stats = await count(`interval=minute&from=${from}&to=${to}`);
      return [stats.from, stats.to];
    };
    const at = (time: string): string => `2020-01-01T${time}Z`;
    expect(await within(at('12:34:56'), at('12:36:00.001'))).toEqual([
      at('12:34:00.000'),
      at('12:37:00.000'),
    ]);
    expect(await within(at('12:34:00'), at('12:36:00'))).toEqual([at('12:34:00.000'), at('12:36:00.000')]);
    expect(await within(at('12:34:56'), at('12:34:57'))).toEqual([at('12:34:00.000'), at('12:35:00.000')]);
    expect((await count(`from=${at('12:00:00')}&to=${at('11:00:00')}`)).data).toEqual([]);
    expect((await count('from=9999-12-31T00:00:00Z')).data).toEqual([]);
    expect((await count('to=9999-12-31T23:59:59.999Z')).data).toHaveLength(24);
    expect((await count('to=1970-01-01T00:00:00Z')).data).toEqual([]);
  });

  it.each(['', `target_id=`])('hold a decision as soon as it is answered (?%s)', async (filter) => {
    const fresh = await world.token({}, caller);
    const query = `interval=minute&action=token.verify&${filter === '' ? '' : filter + fresh.id}`;
    const before = total(await count(query));
    for (let i = 1; i <= 20; i++) {
      await world.verify(fresh.token, {}, caller);
      expect(total(await count(query))).toBe(before + i);
    }
  });

  it.each([
    ['interval=second', 'interval'],
    ['interval=minute&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', 'from'],
    ['interval=day&from=2024-01-01T00:00:00Z&to=2025-01-02T00:00:00Z', 'from'],
    ['interval=hour&from=1970-01-01T00:00:00Z', 'from'],
    ['from=yesterday', 'from'],
    ['limit=1', 'limit'],
    ['order=asc', 'order'],
    ['cursor=x', 'cursor'],
    ['outcome=maybe', 'outcome[0]'],
  ])('are refused for ?%s', async (query, field) => {
    const answer = await caller.get(`/v1/audit-events/stats?${query}`);
    expect(answer).toBeProblem('invalid_request', [field]);
    await expect(answer).toHaveAudited(world, { action: 'audit.stats', outcome: 'failure' });
  });

  it('are of the caller’s workspace and environment only', async () => {
    const other = world.as((await world.workspace('Another')).key);
    const test = world.as((await world.apiKey({ environment: 'test' }, caller)).key);
    const filters = ['', `&target_id=${token.id}`];
    const [from, to] = [new Date(Date.parse(end) - 10 * MS.day).toISOString(), end];
    for (const filter of filters) {
      const query = `interval=day&from=${from}&to=${to}${filter}`;
      expect(total(await count(query))).toBeGreaterThan(0);
      // The other workspace is of today.
      expect(total(await count(query, other))).toBe(0);
      expect(total(await count(query, test))).toBe(filter === '' ? 1000 : 0);
    }
  });

  it('of hours are those of their minutes, also of what was counted before hours were', async () => {
    const client = new pg.Client({ connectionString: world.database.adminUrl });
    await client.connect();
    try {
      const differing = async (): Promise<number> => {
        const { rowCount } = await client.query(`
          select coalesce(hours.count, 0), coalesce(minutes.count, 0) from audit_stats_by_hour as hours
            full join (select workspace_id, environment, date_trunc('hour', minute, 'UTC') as hour, action, outcome,
                              reason, sum(count) as count from audit_stats group by 1, 2, 3, 4, 5, 6) as minutes
                using (workspace_id, environment, hour, action, outcome, reason)
           where hours.count is distinct from minutes.count`);
        return rowCount!;
      };
      expect(await differing()).toBe(0);
      await client.query('begin');
      await client.query('delete from audit_stats_by_hour');
      expect(await differing()).toBeGreaterThan(10);
      const migration = (await loadMigrations()).find(({ name }) => name.startsWith('CountByHour'))!;
      await new migration().down(client as never);
      await new migration().up(client as never);
      expect(await differing()).toBe(0);
      await client.query('rollback');
    } finally {
      await client.end();
    }
  });

  it('of the instance are for the operator workspace only', async () => {
    await world.as(unissued()).get('/v1/me');
    const stats = await count('interval=day&log=instance&reason=unknown_credential', world.root);
    expect(total(stats)).toBe(1);
    for (const secret of [key, token.token]) {
      expect(await world.as(secret).get('/v1/audit-events/stats?log=instance')).toBeProblem('forbidden');
    }
  });
});

function countedByHand(events: EventJson[], width: number): Bucket[] {
  const buckets = new Map<number, Bucket>();
  const add = (counts: Record<string, number>, name: string | null, count: number): void => {
    if (name !== null) counts[name] = (counts[name] ?? 0) + count;
  };
  for (const { occurred_at, action, outcome, reason, count } of events) {
    const start = Math.floor(Date.parse(occurred_at) / width) * width;
    const outcomes = { success: 0, denied: 0, failure: 0 };
    const empty = { start: new Date(start).toISOString(), count: 0, outcomes, actions: {}, reasons: {} };
    const bucket = buckets.get(start) ?? empty;
    buckets.set(start, bucket);
    bucket.count += count;
    add(bucket.outcomes, outcome, count);
    add(bucket.actions, action, count);
    add(bucket.reasons, reason, count);
  }
  return [...buckets.values()].sort((one, other) => (one.start < other.start ? -1 : 1));
}
