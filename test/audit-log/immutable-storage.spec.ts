import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { WorkspaceLog } from '../../src/audit-log/reading/workspace-log.js';
import { Database } from '../../src/platform/database/database.js';
import { loadMigrations, migrate } from '../../src/platform/database/migrate.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { World } from '../support/world.js';
import { sequenced } from './direct-writes.js';

/** Nothing in them is ever changed or deleted. With their keys, for an insert that would be an update. */
const APPEND_ONLY = {
  audit_events: 'workspace_id, id',
  audit_entries: 'workspace_id, event_id',
  audit_tiles: 'workspace_id, level, number',
  audit_kept_leaves: 'workspace_id, index',
  audit_checkpoints: 'workspace_id, epoch, size',
  audit_epochs: 'workspace_id, epoch',
};
/** What is personal may be erased by the owner, but not be changed. */
const PERSONAL = { audit_personal: 'workspace_id, event_id' };
const PARTITIONED = ['audit_events', 'audit_entries', 'audit_personal'];

function changing(table: string, key: string): string[] {
  return [
    `update ${table} set workspace_id = workspace_id`,
    `update ${table} set workspace_id = '' where false`,
    `insert into ${table} select * from ${table} on conflict (${key}) do update set workspace_id = 'x'`,
    `merge into ${table} using (select 1) as one on true when matched then update set workspace_id = 'x'`,
    `truncate ${table}`,
    `truncate ${table} cascade`,
  ];
}

function deleting(table: string): string[] {
  return [
    `delete from ${table}`,
    `delete from ${table} where false`,
    `merge into ${table} using (select 1) as one on true when matched then delete`,
  ];
}

describe('the storage of the log', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    for (let call = 0; call < 3; call++) await world.root.get('/v1/me');
    // Also what is made later, and what is no part of the log any more.
    await world.database.query(`select audit_make_partitions('2031-05-05', 0)`);
    await world.database.query(`select audit_make_partitions('2031-06-05', 0)`);
    for (const table of PARTITIONED) {
      await world.database.query(`alter table ${table} detach partition ${table}_2031_06`);
    }
  });
  afterAll(() => world.close());

  /** The table, its partitions, and one that was detached. */
  const placesOf = async (table: string): Promise<string[]> => {
    const partitions = await world.database.query<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass',
      [table],
    );
    const detached = PARTITIONED.includes(table) ? [`${table}_2031_06`] : [];
    return [table, ...partitions.map(({ name }) => name), ...detached];
  };

  it('has, for everything that is partitioned, this month, the three after it and a place for all others', async () => {
    const now = new Date();
    const months = [0, 1, 2, 3].map((later) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later))
        .toISOString()
        .slice(0, 7)
        .replace('-', '_'),
    );
    for (const table of PARTITIONED) {
      expect(await placesOf(table)).toEqual(
        expect.arrayContaining([...months, 'others', '2031_05'].map((name) => `${table}_${name}`)),
      );
    }
  });

  it.each(Object.entries({ ...APPEND_ONLY, ...PERSONAL }))(
    'changes no row of %s or of any part of it, not even for a superuser',
    async (table, key) => {
      for (const place of await placesOf(table)) {
        for (const statement of changing(place, key)) await expectRefused(statement);
      }
    },
  );

  it.each(Object.keys(APPEND_ONLY))(
    'deletes no row of %s or of any part of it, not even for a superuser',
    async (table) => {
      for (const place of await placesOf(table)) {
        for (const statement of deleting(place)) await expectRefused(statement);
      }
    },
  );

  const expectRefused = async (statement: string): Promise<void> => {
    const outcome = await world.database.query(statement).then(
      () => 'done',
      (error: unknown) => (error as pg.DatabaseError).code,
    );
    expect({ statement, outcome }).toEqual({ statement, outcome: '23001' });
  };

  it('refuses them also in a session that has silenced ordinary triggers', async () => {
    await connected(world.database.adminUrl, async (client) => {
      await client.query('set session_replication_role = replica');
      for (const table of [...Object.keys(APPEND_ONLY), 'audit_events_others', 'audit_entries_2031_05']) {
        await expect(client.query(`delete from ${table}`)).rejects.toMatchObject({ code: '23001' });
      }
    });
  });

  it('lets the owner erase what is personal, which is all of it that can be deleted', async () => {
    const { requestId } = await world.root.get('/v1/me');
    const [event] = await world.eventsOf(requestId);
    const gone = await world.database.query('delete from audit_personal where event_id = $1 returning data', [
      event!.id,
    ]);
    expect(gone).toHaveLength(1);
  });

  it('lets the role that serves requests read and add, and nothing else', async () => {
    await connected(world.database.url, async (client) => {
      const outcomes: Record<string, string> = {};
      for (const [table, key] of Object.entries({ ...APPEND_ONLY, ...PERSONAL })) {
        const [parent, ...parts] = await placesOf(table);
        const refused = [
          ...changing(parent!, key),
          ...deleting(parent!),
          // Past the parent nothing at all.
          ...parts.flatMap((part) => [
            ...changing(part, key),
            ...deleting(part),
            `select from ${part} limit 1`,
            `insert into ${part} select * from ${part}`,
            `drop table ${part}`,
            `alter table ${parent!} detach partition ${part}`,
          ]),
          `alter table ${parent!} disable row level security`,
          `alter table ${parent!} disable trigger all`,
          `drop table ${parent!}`,
        ];
        for (const statement of refused) outcomes[statement] = await outcomeOf(client, statement);
        expect(await outcomeOf(client, `select from ${table} limit 1`)).toBe('done');
      }
      for (const statement of [
        `select audit_make_partitions('2040-01-01', 0)`,
        `set session_replication_role = replica`,
        `set role postgres`,
      ]) {
        outcomes[statement] = await outcomeOf(client, statement);
      }
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== '42501')).toEqual([]);
    });
  });
});

describe('a query that names no workspace, or another one', () => {
  let world: World;
  let ids: string[];
  beforeAll(async () => {
    world = await World.start();
    const another = await world.workspace('Another');
    for (const key of [world.rootKey, another.key]) await world.as(key).get('/v1/me');
    await world.anonymous().get('/v1/me');
    await sequenced(world);
    const rows = await world.database.query<{ workspace_id: string }>(
      'select distinct workspace_id from audit_events order by 1',
    );
    ids = rows.map(({ workspace_id }) => workspace_id);
  });
  afterAll(() => world.close());

  it('sees nothing of anybody’s log, as the role that serves requests', async () => {
    expect(ids).toHaveLength(3);
    await connected(world.database.url, (client) => expectIsolated(client, ids));
  });

  it('sees nothing though its connection served that workspace before: the pool keeps no setting', async () => {
    const [database, log] = [world.apps[0]!.get(Database), world.apps[0]!.get(WorkspaceLog)];
    const reads = Array.from({ length: 40 }, async (_, at) => {
      const seen = await log.of(ids[at % 3]!, () =>
        database.query<{ workspace_id: string }>('select distinct workspace_id from audit_events'),
      );
      expect(seen).toEqual([{ workspace_id: ids[at % 3]! }]);
    });
    await Promise.all(reads);
    await expect(log.of(ids[0]!, () => database.query('select 1 / 0'))).rejects.toThrow('division by zero');

    // As many at once as the pool has connections.
    const [before] = await world.database.query<{ count: number }>(CONNECTIONS);
    const after = await Promise.all(
      Array.from({ length: before!.count }, () =>
        database.query(`select current_setting('tooken.workspace', true) as setting,
          (select count(*)::int from audit_events) as events, pg_sleep(0.05)::text as slept, pg_backend_pid() as pid`),
      ),
    );
    const rows = after.flat() as { setting: string | null; events: number; pid: number }[];
    expect(new Set(rows.map(({ pid }) => pid)).size).toBeGreaterThan(1);
    for (const { setting, events } of rows) {
      expect(setting ?? '').toBe('');
      expect(events).toBe(0);
    }
  });
});

const CONNECTIONS = `select count(*)::int as count from pg_stat_activity
  where datname = current_database() and usename = 'tooken_app' and application_name = 'tooken'`;

describe('where the owner of the tables is no superuser', () => {
  let database: EmptyDatabase;
  beforeAll(async () => {
    database = await emptyDatabase();
    await migrate(database.ownerUrl, new URL(database.guestUrl).username);
    for (const id of ['ws_1', 'ws_2', 'instance']) {
      await database.query(ONE_EVENT, [id]);
      await database.query(
        `insert into audit_personal select $1, audit_first_id_at(now()), 'none', null, '{}'`,
        [id],
      );
      await database.query(`insert into audit_entries select $1, 0, audit_first_id_at(now()), ''`, [id]);
    }
  });
  afterAll(() => database.drop());

  it.each(['ownerUrl', 'guestUrl'] as const)('a query (%s) sees the workspace it names only', async (url) => {
    await connected(database[url], (client) => expectIsolated(client, ['ws_1', 'ws_2', 'instance']));
  });

  it('the owner cannot change or delete an event either', async () => {
    await connected(database.ownerUrl, async (client) => {
      for (const statement of [
        ...changing('audit_events', APPEND_ONLY.audit_events),
        ...deleting('audit_events_others'),
      ]) {
        expect({ statement, outcome: await outcomeOf(client, statement) }).toEqual({
          statement,
          outcome: '23001',
        });
      }
    });
  });

  it('the owner takes every event along when the migration is undone', async () => {
    const undone = await emptyDatabase();
    const source = new DataSource({
      type: 'postgres',
      url: undone.ownerUrl,
      migrations: await loadMigrations(),
    });
    try {
      await migrate(undone.ownerUrl, new URL(undone.guestUrl).username);
      for (const id of ['ws_1', 'ws_2']) await undone.query(ONE_EVENT, [id]);
      await source.initialize();
      await source.undoLastMigration();
      expect(await undone.query('select workspace_id from audit_events order by 1')).toEqual([
        { workspace_id: 'ws_1' },
        { workspace_id: 'ws_2' },
      ]);
    } finally {
      if (source.isInitialized) await source.destroy();
      await undone.drop();
    }
  });

  it('a backup by the owner, which reads part by part, has everybody’s events', async () => {
    await connected(database.ownerUrl, async (client) => {
      // As pg_dump does: better an error than a part of the rows.
      await client.query('set row_security = off');
      const { rows: parts } = await client.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_events'::regclass`,
      );
      let events = 0;
      for (const { name } of parts) {
        const { rows } = await client.query<{ count: number }>(`select count(*)::int from ${name}`);
        events += rows[0]!.count;
      }
      expect(events).toBe(3);
      await expect(client.query('select from audit_events')).rejects.toMatchObject({ code: '42501' });
    });
  });
});

const ONE_EVENT = `insert into audit_events select $1, audit_first_id_at(now()), 'none', now(), 'me.read', 'success',
  null, 1, 'system', null, null, null, null, null, '{}'`;

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function outcomeOf(client: pg.Client, statement: string): Promise<string> {
  return client.query(statement).then(
    () => 'done',
    (error: unknown) => String((error as pg.DatabaseError).code),
  );
}

/** Without a setting, with an empty one, another's and a wildcard; and with each workspace's own. */
async function expectIsolated(client: pg.Client, ids: readonly string[]): Promise<void> {
  for (const table of PARTITIONED) {
    const seen = async (): Promise<string[]> => {
      const { rows } = await client.query<{ workspace_id: string }>(
        `select distinct workspace_id from ${table}`,
      );
      return rows.map(({ workspace_id }) => workspace_id);
    };
    await client.query('reset tooken.workspace');
    expect(await seen()).toEqual([]);
    for (const setting of ['', 'ws_nobody', '%', '*', `${ids[0]!},${ids[1]!}`]) {
      await client.query(`select set_config('tooken.workspace', $1, false)`, [setting]);
      expect(await seen()).toEqual([]);
    }
    for (const id of ids) {
      await client.query(`select set_config('tooken.workspace', $1, false)`, [id]);
      expect(await seen()).toEqual([id]);
    }
  }
}
