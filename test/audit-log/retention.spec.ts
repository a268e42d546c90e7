import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { SEQUENCE_LOCK } from '../../src/audit-log/sequencing/sequence-lock.js';
import { checkExport, type ExportCheck } from '../../src/audit-log/streams/check-export.js';
import { linesOf } from '../../src/audit-log/streams/lines-of.js';
import { firstHandleAt } from '../../src/platform/ids.js';
import { TreeStore } from '../../src/audit-log/sequencing/tree-store.js';
import type { Month } from '../../src/platform/database/months.js';
import { World } from '../support/world.js';
import { sequenced, writePast, type PastEvent } from './past-events.js';
import { ago, DAY, DAYS, keep, partsNamed, partsOf, startWorld, workspaceOf } from './retention-world.js';

jest.setTimeout(60_000);

describe('months that are older than events are kept', () => {
  let world: World;
  let ws: string;
  let other: { id: string; key: string };
  const [gone, border] = [ago(7), ago(3)];
  let ids: string[];
  let size: number;
  let root: Buffer;
  beforeAll(async () => {
    world = await startWorld();
    ws = await workspaceOf(world);
    other = await world.workspace('Another');
    const at = (month: Month, n: number): number => month.from + n * 60_000;
    const events: PastEvent[] = [
      ...[0, 1, 2].map((n) => ({ workspace_id: ws, at: at(gone, n) })),
      { workspace_id: ws, at: at(gone, 3), actor_id: 'key_gone', actor_name: 'Somebody gone' },
      { workspace_id: ws, at: at(gone, 4), actor_id: 'key_here', actor_name: 'Somebody still here' },
      { workspace_id: other.id, at: gone.to - 1 },
      ...[0, 1, 2].map((n) => ({ workspace_id: ws, at: at(border, n) })),
      { workspace_id: ws, at: border.to - 1 },
    ];
    events.push({ workspace_id: ws, at: Date.now(), target_type: 'api_key', target_id: 'key_here' });
    ids = await writePast(world.database, events);
    await sequenced(world.database);
    const trees = world.apps[0]!.get(TreeStore);
    size = await trees.size(ws);
    root = await trees.reader(ws).root(size);
  });
  afterAll(() => world.close());

  it('are dropped whole, with all their parts, and the months after them stay', async () => {
    // One millisecond before the last event of the month may go, all of it stays.
    world.clock.hold(border.to + DAYS * DAY - 1);
    await keep(world);
    expect(await partsOf(world, gone)).toEqual([]);
    expect(await partsOf(world, border)).toEqual(partsNamed(border));
    expect(await listed()).toEqual(expect.arrayContaining(ids.slice(6, 10)));
    expect((await listed()).some((id) => ids.slice(0, 6).includes(id))).toBe(false);

    world.clock.hold(border.to + DAYS * DAY);
    await keep(world);
    expect(await partsOf(world, border)).toEqual([]);
  });

  const listed = async (): Promise<string[]> => (await world.events('limit=1000')).map(({ id }) => id);

  it('leave an event of the system’s in each log they were part of: which month, how many, from where to where', async () => {
    const retained = await world.events('action=audit.retain&order=asc');
    const month = ({ name }: Month): string => name.replace('_', '-');
    const [start] = await world.database.query<{ index: number }>(
      `select (details ->> 'first_index')::int as index from (
         select body::jsonb -> 'details' as details from audit_events where action = 'audit.retain' and workspace_id = $1
       ) as retained where details ->> 'month' = $2`,
      [ws, month(gone)],
    );
    expect(retained.map(({ actor, outcome, details }) => ({ type: actor.type, outcome, details }))).toEqual([
      {
        type: 'system',
        outcome: 'success',
        details: {
          month: month(gone),
          events: 5,
          first_index: start!.index,
          last_index: start!.index + 4,
          dropped: [[start!.index, start!.index + 4]],
          retention_days: DAYS,
        },
      },
      {
        type: 'system',
        outcome: 'success',
        details: {
          month: month(border),
          events: 4,
          first_index: start!.index + 5,
          last_index: start!.index + 8,
          dropped: [[start!.index, start!.index + 8]],
          retention_days: DAYS,
        },
      },
    ]);
    const others = await world.events('action=audit.retain', world.as(other.key));
    expect(others.map(({ details }) => details)).toEqual([expect.objectContaining({ events: 1 })]);
  });

  it('answer like events that never were: 404', async () => {
    expect(await world.root.get(`/v1/audit-events/${ids[0]!}`)).toBeProblem('not_found');
    expect(await world.root.get(`/v1/audit-events/${ids[0]!}/proof`)).toBeProblem('not_found');
  });

  it('take with them the names of who is in no event any more, and of nobody else', async () => {
    expect(
      await world.database.query('select name from audit_names where workspace_id = $1 and name like $2', [
        ws,
        'Somebody%',
      ]),
    ).toEqual([{ name: 'Somebody still here' }]);
  });

  it('are not dropped a second time, and the tree is as it was, though they had not been the first in it', async () => {
    const before = await listed();
    await keep(world);
    expect((await listed()).filter((id) => before.includes(id))).toEqual(before);
    await sequenced(world.database);
    const trees = world.apps[0]!.get(TreeStore);
    expect(await trees.reader(ws).root(size)).toEqual(root);
  });
});

it('an export proves what is left where a month’s edge is ragged, and when what told of it has been dropped as well', async () => {
  const world = await startWorld();
  try {
    const [gone, next] = [ago(7), ago(6)];
    const { id: ws, key } = await world.workspace('Ragged');
    const caller = world.as(key);
    const write = async (...moments: number[]): Promise<void> => {
      await writePast(
        world.database,
        moments.map((at) => ({ workspace_id: ws, at })),
      );
      await sequenced(world.database);
    };
    await write(gone.from, gone.from + 1);
    await write(next.from);
    // It began before the month ended, and committed after.
    await write(gone.to - 10);
    await write(next.from + 1);
    const [begin] = await world.database.query<{ index: number }>(
      'select min(index)::int as index from audit_entries where workspace_id = $1 and event_id < $2',
      [ws, firstHandleAt('evt', next.from)],
    );
    const first = begin!.index;
    const told = async () =>
      (await world.events('action=audit.retain&order=asc', caller)).map(({ details }) => details!.dropped);
    const vkey = (await caller.with({ accept: 'text/plain' }).get('/v1/audit-log/public-key')).text.trim();
    const verified = async (query = ''): Promise<ExportCheck> => {
      await sequenced(world.database);
      const { text } = await caller.get(`/v1/audit-events/export?${query}`);
      return checkExport(linesOf(Readable.from([Buffer.from(text)])), { vkey });
    };

    world.clock.hold(gone.to + DAYS * DAY);
    await keep(world);
    expect(await told()).toEqual([
      [
        [first, first + 1],
        [first + 3, first + 3],
      ],
    ]);
    expect(await verified()).toMatchObject({ ok: true, fault: null, dropped: 3, skipped: 0 });
    const [from, to] = [`from=${at(next.from)}`, `to=${at(next.from + DAY)}`];
    expect(await verified(from)).toMatchObject({ ok: true, fault: null, dropped: 1, skipped: first + 2 });
    expect(await verified(`${from}&${to}`)).toMatchObject({ ok: true, fault: null, events: 2, dropped: 0 });
    expect(await verified('action=me.read')).toMatchObject({ ok: true, fault: null, dropped: 0 });

    // The event that told of the first month goes with its own month.
    world.clock.hold(Date.now());
    await keep(world);
    const left = await told();
    expect(left.length).toBeGreaterThan(0);
    const places = (left.at(-1) as [number, number][]).map(([one, last]) => last - one + 1);
    const dropped = places.reduce((sum, each) => sum + each, 0);
    expect(dropped).toBeGreaterThan(5);
    expect(await verified()).toMatchObject({ ok: true, fault: null, dropped, skipped: 0 });
  } finally {
    await world.close();
  }

  function at(moment: number): string {
    return new Date(moment).toISOString();
  }
});

it('a list that is being read goes on where it was, though a month of it has been dropped', async () => {
  const world = await startWorld();
  try {
    const ws = await workspaceOf(world);
    const month = ago(5);
    await writePast(
      world.database,
      [0, 1, 2, 3].map((n) => ({ workspace_id: ws, at: month.from + n, actor_id: 'key_of_then' })),
    );
    const kept = await writePast(
      world.database,
      [0, 1].map((n) => ({ workspace_id: ws, at: Date.now() + n, actor_id: 'key_of_then' })),
    );
    await sequenced(world.database);
    const page = (cursor: string | null) =>
      world.root.get<{ data: { id: string }[]; next_cursor: string | null }>(
        `/v1/audit-events?actor_id=key_of_then&order=asc&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
    const { body: first } = await page(null);
    expect(first.data).toHaveLength(2);
    await keep(world);
    const { body: second } = await page(first.next_cursor);
    expect(second).toEqual({
      data: kept.map((id) => expect.objectContaining({ id })),
      next_cursor: null,
    });
  } finally {
    await world.close();
  }
});

describe('a month is left alone', () => {
  let world: World;
  let ws: string;
  const log: string[] = [];
  beforeAll(async () => {
    world = await startWorld(log);
    ws = await workspaceOf(world);
  });
  afterAll(() => world.close());

  it('while an event of it has no place in the log yet; the next day it goes', async () => {
    const month = ago(6);
    const holder = new pg.Client({ connectionString: world.database.adminUrl });
    await holder.connect();
    try {
      await holder.query('select pg_advisory_lock($1)', [SEQUENCE_LOCK]);
      await writePast(world.database, [{ workspace_id: ws, at: month.from }]);
      await keep(world);
      expect(await partsOf(world, month)).toEqual(partsNamed(month));
      expect(log.join('')).toContain(
        `${month.name} is still in the audit log: some of its events have no place`,
      );
    } finally {
      await holder.end();
    }
    await sequenced(world.database);
    await keep(world);
    expect(await partsOf(world, month)).toEqual([]);
    expect(await world.events('action=audit.retain')).toHaveLength(1);
  });

  it('when nobody said for how long events are kept', async () => {
    const forever = await World.start();
    try {
      await writePast(forever.database, [{ workspace_id: 'ws_1', at: ago(100).from }]);
      await sequenced(forever.database);
      await keep(forever);
      expect(await partsOf(forever, ago(100))).toEqual(partsNamed(ago(100)));
    } finally {
      await forever.close();
    }
  });

  it('when its name is all it has of one: other tables, other bounds, and what lies beside all months', async () => {
    const [detached, misnamed, beside] = [ago(9), ago(10), ago(11)];
    await writePast(world.database, [{ workspace_id: ws, at: detached.from }]);
    await sequenced(world.database);
    for (const table of ['audit_events', 'audit_personal', 'audit_entries']) {
      await world.database.query(`alter table ${table} detach partition ${table}_${detached.name}`);
      await world.database.query(
        `create table ${table}_${misnamed.name} partition of ${table} for values from ('evt_zz') to ('evt_zzz')`,
      );
      await world.database.query(`create table ${table}_${beside.name}_copy as table ${table}`);
    }
    await world.database.query(
      `insert into audit_events select $1, audit_first_id_at(to_timestamp(0)), 'none', to_timestamp(0), 'me.read',
         'success', null, 1, 'system', null, null, null, null, null, '{}'`,
      [ws],
    );
    await keep(world);
    expect(await partsOf(world, detached)).toHaveLength(3);
    expect(await partsOf(world, misnamed)).toHaveLength(3);
    const [others] = await world.database.query('select count(*)::int from audit_events_others');
    expect(others).toEqual({ count: 1 });
  });
});
