import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { Housekeeping } from '../../src/audit-log/keeping/housekeeping.js';
import { monthAt, monthNamed } from '../../src/platform/database/months.js';
import { Owner } from '../../src/platform/database/owner.js';
import { makePartitions } from '../../src/platform/database/partitions.js';
import { firstHandleAt } from '../../src/platform/ids.js';
import { until } from '../support/product.js';
import { World } from '../support/world.js';

const DAY = 86_400_000;

describe('partitions of the log', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const partitions = async (): Promise<string[]> => {
    const rows = await world.database.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits i join pg_class c on c.oid = i.inhparent
        where c.relkind = 'p' order by 1`,
    );
    return rows.map(({ name }) => name);
  };
  const monthsFrom = (at: number): string[] =>
    [0, 1, 2, 3].flatMap((later) =>
      ['audit_events', 'audit_personal', 'audit_entries'].map(
        (table) => `${table}_${monthAt(at, later).name}`,
      ),
    );
  const makeFor = (at: number): Promise<string[]> =>
    new Owner(world.database.adminUrl).connected((run) => makePartitions(run, at));

  it('begin and end where handles do, at every moment: the database and the product agree', async () => {
    const last = 2 ** 48 - 1;
    const known = [-DAY, -1, 0, 1, 999, 1000, Date.UTC(2026, 10, 22), Date.UTC(9999, 11, 31), last];
    const moments = [
      ...known,
      last + 1,
      Date.UTC(12_000, 0),
      ...fc.sample(fc.integer({ min: 0, max: last }), 200),
    ];
    const rows = await world.database.query<{ at: string; id: string }>(
      `select at, audit_first_id_at(
                timestamptz 'epoch' + make_interval(days => (at / 86400000)::int, secs => (at % 86400000) / 1000.0)) as id
         from unnest($1::bigint[]) as at`,
      [moments],
    );
    expect(rows.map(({ id }) => id)).toEqual(moments.map((at) => firstHandleAt('evt', at)));
  });

  it('are of calendar months in UTC, whose names say which', () => {
    expect(monthAt(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toEqual({
      name: '2026_12',
      from: Date.UTC(2026, 11),
      to: Date.UTC(2027, 0),
    });
    expect(monthAt(Date.UTC(2026, 11, 31), 2).name).toBe('2027_02');
    for (const name of ['1970_01', '2024_02', '9999_11']) expect(monthNamed(name)?.name).toBe(name);
    for (const name of ['others', '2026_13', '2026_00', '2026_1', '2026_01_old', 'x2026_01']) {
      expect(monthNamed(name)).toBeNull();
    }
  });

  it('are made once a day for the months to come, and each event goes into its month', async () => {
    const later = Date.now() + 200 * DAY;
    world.clock.hold(later);
    await world.apps[0]!.get(Housekeeping).run();
    expect(await partitions()).toEqual(expect.arrayContaining(monthsFrom(later)));

    const { requestId } = await world.root.get('/v1/me');
    const [event] = await world.database.query(
      'select tableoid::regclass::text as place from audit_events where request_id = $1',
      [requestId],
    );
    expect(event).toEqual({ place: `audit_events_${monthAt(later).name}` });
  });

  it('are made by one instance at a time; the others leave it to that one', async () => {
    const later = Date.now() + 400 * DAY;
    world.clock.hold(later);
    const before = await partitions();
    const other = new pg.Client({ connectionString: world.database.adminUrl });
    await other.connect();
    await other.query('select pg_advisory_lock($1)', [0x6b656570]);
    try {
      await world.apps[0]!.get(Housekeeping).run();
      expect(await partitions()).toEqual(before);
    } finally {
      await other.end();
    }
    await until(async () => {
      await world.apps[0]!.get(Housekeeping).run();
      return (await partitions()).length > before.length;
    });
  });

  it('are made while events are written: a reader who is in the way makes the partition wait, and nobody else', async () => {
    const at = Date.now() + 600 * DAY;
    world.clock.hold(Date.now());
    const reader = new pg.Client({ connectionString: world.database.adminUrl });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from audit_events');
    const making = makeFor(at);
    try {
      let isMade = false;
      void making.then(() => (isMade = true));
      for (let call = 0; call < 5; call++) {
        expect((await world.root.get('/v1/me')).status).toBe(200);
        expect((await world.root.get('/v1/audit-events?limit=1')).status).toBe(200);
      }
      expect(isMade).toBe(false);
    } finally {
      await reader.end();
    }
    await making;
    expect(await makeFor(at)).toEqual([]);
    expect(await partitions()).toEqual(expect.arrayContaining(monthsFrom(at)));
  });

  it('are not made where events of that month were written before: it says so, and those events stay', async () => {
    const at = Date.UTC(2051, 3, 4);
    world.clock.hold(at);
    const { requestId } = await world.root.get('/v1/me');
    const [event] = await world.database.query(
      'select tableoid::regclass::text as place from audit_events where request_id = $1',
      [requestId],
    );
    expect(event).toEqual({ place: 'audit_events_others' });
    expect(await makeFor(at)).toEqual([
      'no partition for 2051_04: events of that month were there before it',
    ]);
    expect(await partitions()).toEqual(expect.arrayContaining(monthsFrom(at).slice(3)));
    expect(await world.events(`request_id=${requestId}`)).toHaveLength(1);
  });
});
