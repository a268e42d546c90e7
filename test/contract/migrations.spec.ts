import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ENTITIES } from '../../src/app.entities.js';
import { makeDataSource } from '../../src/platform/database/data-source.js';
import { loadMigrations, migrate } from '../../src/platform/database/migrate.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';

const APP_ROLE = 'tooken_app';

describe('the migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await cloneDatabase();
  });
  afterEach(() => database.drop());

  it('make the very tables, columns, keys, checks and indexes that the entities describe', async () => {
    const source = await makeDataSource(database.adminUrl, ENTITIES).initialize();
    try {
      const migrated = await schemaOf(database);
      expect((await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query)).toEqual(
        [],
      );
      // That compares names; so the entities make a schema of their own, and PostgreSQL says what is in each.
      await emptied(database);
      await source.synchronize();
      expect(await schemaOf(database)).toEqual(migrated);
    } finally {
      await source.destroy();
    }
  });

  it('can be undone, leaving nothing, and done again, leaving the same', async () => {
    const before = await schemaOf(database);
    const triggers = await triggersOf(database);
    const migrations = await loadMigrations();
    const source = await new DataSource({
      type: 'postgres',
      url: database.adminUrl,
      migrations,
    }).initialize();
    try {
      for (const _ of migrations) await source.undoLastMigration();
      expect(await schemaOf(database)).toEqual([]);
      expect(
        await database.query(`select proname from pg_proc where pronamespace = 'public'::regnamespace`),
      ).toEqual([]);
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
    expect(await schemaOf(database)).toEqual(before);
    expect(await triggersOf(database)).toEqual(triggers);
  });

  it('are done once by instances that start together on an empty database', async () => {
    const before = await schemaOf(database);
    await emptied(database);
    await Promise.all([1, 2, 3].map(() => migrate(database.adminUrl, APP_ROLE)));
    const done = await database.query<{ name: string }>('select name from migrations order by id');
    expect(done.map(({ name }) => name)).toEqual((await loadMigrations()).map(({ name }) => name));
    expect(await schemaOf(database)).toEqual(before);
  });

  it('give the role of the app exactly what requests need', async () => {
    const expected = {
      api_keys: ['INSERT', 'SELECT', 'UPDATE'],
      audit_checkpoints: ['INSERT', 'SELECT'],
      audit_entries: ['INSERT', 'SELECT'],
      audit_epochs: ['SELECT'],
      audit_events: ['INSERT', 'SELECT'],
      audit_kept_leaves: ['SELECT'],
      audit_last_uses: ['SELECT'],
      audit_names: ['INSERT', 'SELECT'],
      audit_pending: ['DELETE', 'INSERT', 'SELECT'],
      audit_personal: ['INSERT', 'SELECT'],
      audit_stats: ['INSERT', 'SELECT', 'UPDATE'],
      audit_stats_by_hour: ['INSERT', 'SELECT', 'UPDATE'],
      audit_tiles: ['INSERT', 'SELECT'],
      audit_trees: ['INSERT', 'SELECT', 'UPDATE'],
      audit_value_uses: ['INSERT', 'SELECT', 'UPDATE'],
      credential_secrets: ['INSERT', 'SELECT', 'UPDATE'],
      idempotent_answers: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      invitations: ['INSERT', 'SELECT', 'UPDATE'],
      leak_reporters: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      memberships: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      migrations: ['SELECT'],
      oauth_issued_jwts: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      oauth_signing_keys: ['DELETE', 'INSERT', 'SELECT'],
      oauth_status_lists: ['INSERT', 'SELECT'],
      one_time_secrets: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      passkeys: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      recovery_codes: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      scopes: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      sessions: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      sign_in_attempts: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      token_counters: ['INSERT', 'SELECT', 'UPDATE'],
      token_expiry_notices: ['INSERT', 'SELECT', 'UPDATE'],
      tokens: ['INSERT', 'SELECT', 'UPDATE'],
      totp_secrets: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      users: ['INSERT', 'SELECT', 'UPDATE'],
      webhook_cursors: ['INSERT', 'SELECT', 'UPDATE'],
      webhook_deliveries: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      webhooks: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
      workspaces: ['INSERT', 'SELECT', 'UPDATE'],
    };
    expect(await privilegesOf(database)).toEqual(expected);
    await database.query(`grant all on all tables in schema public to ${APP_ROLE}`);
    await migrate(database.adminUrl, APP_ROLE);
    expect(await privilegesOf(database)).toEqual(expected);
  });

  it('let the role of the app own nothing, make nothing and be nobody else', async () => {
    const [role] = await database.query(
      `select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
              has_schema_privilege($1, 'public', 'create') as creates,
              (select count(*)::int from pg_class where relowner = r.oid) as owns,
              (select count(*)::int from pg_auth_members where member = r.oid) as member_of
         from pg_roles r where rolname = $1`,
      [APP_ROLE],
    );
    expect(role).toEqual({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      creates: false,
      owns: 0,
      member_of: 0,
    });
  });
});

async function emptied(database: TestDatabase): Promise<void> {
  await database.query('drop schema public cascade');
  await database.query('create schema public');
}

/** Everything that has a definition, but for the names of keys and what holds the migrations. */
async function schemaOf(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ definition: string }>(`
    select format('%s.%s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  ' collate ' || l.collname, case when a.attnotnull then ' not null' end,
                  ' default ' || regexp_replace(pg_get_expr(d.adbin, d.adrelid), $$'(\\d+)'::bigint$$, '\\1'), case when a.attidentity <> '' then ' identity ' || a.attidentity::text end) as definition
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_collation l on l.oid = a.attcollation
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'migrations'
       and not c.relispartition
    union all
    select format('%s %s %s', conrelid::regclass, case when contype in ('c', 'f') then conname end,
                  pg_get_constraintdef(oid))
      from pg_constraint
     where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid is distinct from to_regclass('migrations')
       and not exists (select from pg_class where oid = conrelid and relispartition)
    union all
    -- That the events are partitioned is not said by their entities.
    select replace(indexdef, ' ON ONLY ', ' ON ') from pg_indexes i
     where schemaname = 'public' and tablename <> 'migrations'
       and not exists (select from pg_constraint where conname = i.indexname)
       and not exists (select from pg_class where oid = to_regclass(i.tablename) and relispartition)`);
  return rows.map(({ definition }) => definition).sort();
}

async function triggersOf(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    'select pg_get_triggerdef(oid) as definition from pg_trigger where not tgisinternal order by 1',
  );
}

async function privilegesOf(database: TestDatabase): Promise<Record<string, string[]>> {
  const rows = await database.query<{ relname: string; privileges: string[] }>(
    `select relname, array_agg(privilege order by privilege) as privileges
       from pg_class,
            unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as privilege
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
        and has_table_privilege($1, oid, privilege)
      group by relname`,
    [APP_ROLE],
  );
  return Object.fromEntries(rows.map(({ relname, privileges }) => [relname, privileges]));
}
