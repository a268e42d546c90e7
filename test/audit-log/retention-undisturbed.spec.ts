import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrate.js';
import { Owner } from '../../src/platform/database/owner.js';
import { emptyDatabase } from '../support/empty-database.js';
import { cleanUp, emptyFolder, Product, run, until } from '../support/product.js';
import { SECRET_KEY, type World } from '../support/world.js';
import { sequenced, writePast } from './past-events.js';
import { ago, keep, partsNamed, partsOf, startWorld, workspaceOf } from './retention-world.js';

jest.setTimeout(60_000);

describe('while a month is dropped', () => {
  let world: World;
  let ws: string;
  beforeAll(async () => {
    world = await startWorld();
    ws = await workspaceOf(world);
  });
  afterAll(() => world.close());

  it('nobody waits for somebody who reads: the drop gives way, and comes back when they are gone', async () => {
    const month = ago(5);
    await writePast(world.database, [{ workspace_id: ws, at: month.from }]);
    await sequenced(world.database);
    const reader = new pg.Client({ connectionString: world.database.adminUrl });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from audit_events');
    const dropped = keep(world);
    try {
      // It has been and gone: the locks on the month itself are held, those on the log are not.
      await until(async () => (await locksOn(world, `audit_events_${month.name}`)).includes('ShareLock'));
      for (let call = 0; call < 20; call++) {
        expect((await world.root.get('/v1/me')).status).toBe(200);
        expect((await world.root.get('/v1/audit-events?limit=1')).status).toBe(200);
      }
      expect(await partsOf(world, month)).toEqual(partsNamed(month));
    } finally {
      await reader.end();
    }
    await dropped;
    expect(await partsOf(world, month)).toEqual([]);
  });

  it('events are written all the time: none waits long, none is lost', async () => {
    const month = ago(4);
    await writePast(
      world.database,
      Array.from({ length: 20_000 }, (_, n) => ({
        workspace_id: ws,
        at: month.from + n * 100,
        ip: '192.0.2.1',
      })),
    );
    await sequenced(world.database);
    const done = new AbortController();
    const dropped = keep(world).finally(() => done.abort());
    const statuses: number[] = [];
    let longest = 0;
    while (!done.signal.aborted) {
      const from = performance.now();
      statuses.push((await world.root.get('/v1/me')).status);
      longest = Math.max(longest, performance.now() - from);
    }
    await dropped;
    expect(await partsOf(world, month)).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // Promised are 100 ms (docs); a busy machine is given ten times that.
    expect(longest).toBeLessThan(1_000);
  });

  it('all of it happens or nothing: cut off in the middle, month and log are as they were', async () => {
    const month = ago(3);
    const [id] = await writePast(world.database, [{ workspace_id: ws, at: month.from }]);
    await sequenced(world.database);
    const kept = 'select * from audit_kept_leaves order by workspace_id, index';
    const [events, leaves] = [await world.events('action=audit.retain'), await world.database.query(kept)];
    const reader = new pg.Client({ connectionString: world.database.adminUrl });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from audit_events');
    const cut = expect(keep(world)).rejects.toThrow();
    await until(async () => (await locksOn(world, `audit_events_${month.name}`)).includes('ShareLock'));
    world.apps[0]!.get(Owner).cut();
    await cut;
    await reader.end();
    expect((await world.root.get(`/v1/audit-events/${id!}`)).status).toBe(200);
    expect(await world.events('action=audit.retain')).toEqual(events);
    expect(await world.database.query(kept)).toEqual(leaves);
  });
});

async function locksOn(world: World, table: string): Promise<string[]> {
  const rows = await world.database.query<{ mode: string }>(
    'select mode from pg_locks where relation = to_regclass($1) and granted',
    [table],
  );
  return rows.map(({ mode }) => mode);
}

describe('TOOKEN_AUDIT_RETENTION_DAYS with a database of one’s own', () => {
  afterAll(cleanUp);

  it('is served by an owner who is no superuser, and refused where the role owns nothing', async () => {
    const database = await emptyDatabase();
    const settings = {
      TOOKEN_SECRET_KEY: SECRET_KEY.toString('base64'),
      TOOKEN_AUDIT_RETENTION_DAYS: '400',
      TOOKEN_DATA_DIR: emptyFolder(),
    };
    try {
      await migrate(database.ownerUrl, new URL(database.guestUrl).username);
      const refused = await run(['dist/bundle/main.js'], { ...settings, DATABASE_URL: database.guestUrl });
      expect(refused).toMatchObject({ exitCode: 1 });
      expect(refused.errors).toBe(
        'TOOKEN_AUDIT_RETENTION_DAYS needs a role that owns the tables of the audit log; set DATABASE_MIGRATION_URL to one.\n',
      );

      const month = ago(20);
      await database.query('select audit_make_partitions($1, 0)', [new Date(month.from)]);
      for (const table of ['audit_events', 'audit_personal', 'audit_entries']) {
        await database.query(`alter table ${table}_${month.name} owner to ${database.name}_owner`);
      }
      const past = { ...database, url: database.ownerUrl, adminUrl: database.ownerUrl };
      await writePast(past, [{ workspace_id: 'ws_1', at: month.from, actor_id: 'key_1', ip: '192.0.2.1' }]);
      const alone = await Product.start({
        ...settings,
        TOOKEN_AUDIT_RETENTION_DAYS: '',
        DATABASE_URL: database.guestUrl,
      });
      await until(async () => (await database.query('select from audit_pending')).length === 0);
      await alone.stop();
      const product = await Product.start({
        ...settings,
        DATABASE_URL: database.guestUrl,
        DATABASE_MIGRATION_URL: database.ownerUrl,
      });
      await until(async () => {
        const [row] = await database.query<{ gone: boolean }>('select to_regclass($1) is null as gone', [
          `audit_events_${month.name}`,
        ]);
        return row!.gone;
      });
      expect(await database.query('select credential_id, host(ip) as ip from audit_last_uses')).toEqual([
        { credential_id: 'key_1', ip: '192.0.2.1' },
      ]);
      expect(await product.stop()).toBe(0);
    } finally {
      await cleanUp();
      await database.drop();
    }
  });
});
