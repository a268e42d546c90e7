import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of a test's own, cloned from the migrated template. */
export interface TestDatabase {
  /** For the app: the role that may only insert and select events. */
  url: string;
  /** For what the app must not be able to do. */
  adminUrl: string;
  /** Runs one statement as superuser. */
  query<Row extends pg.QueryResultRow>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

export async function cloneDatabase(): Promise<TestDatabase> {
  const server = process.env.TOOKEN_TEST_DATABASE;
  if (server === undefined) throw new Error('the global set-up did not run');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template template_of_tests`);
  const adminUrl = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const url = Object.assign(new URL(adminUrl), { username: 'tooken_app', password: 'tooken_app' }).href;
  const pool = new pg.Pool({ connectionString: adminUrl, max: 4 });
  // The database is dropped with whatever is still connected to it: `end` does not wait until the server has let
  // go, and the pool passes on what a client in its keeping hears.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    url,
    adminUrl,
    query: async <Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []) =>
      (await pool.query<Row>(sql, parameters)).rows,
    drop: async () => {
      await pool.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

/** Makes databases one after the other: PostgreSQL refuses to clone a template that is being cloned. */
async function onServer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
