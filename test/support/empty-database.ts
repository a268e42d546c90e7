import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database with nothing in it, on the PostgreSQL of the tests: what an operator gives the product. */
export interface EmptyDatabase {
  name: string;
  /** Of its owner, who is no superuser. */
  ownerUrl: string;
  /** Of a role that may connect and nothing else, until a migration grants it more. */
  guestUrl: string;
  /** Runs a statement in it as superuser. */
  query<Row extends pg.QueryResultRow>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Ends every connection to it and lets no new one in, not even a superuser's. */
  shut(): Promise<void>;
  open(): Promise<void>;
  drop(): Promise<void>;
}

export async function emptyDatabase(): Promise<EmptyDatabase> {
  const server = process.env.TOOKEN_TEST_DATABASE;
  if (server === undefined) throw new Error('the global set-up did not run');
  const name = `empty_${randomBytes(6).toString('hex')}`;
  const [owner, guest] = [`${name}_owner`, `${name}_guest`];
  await statements(server, [
    ...[owner, guest].map((role) => `create role ${role} login password '${role}'`),
    `create database ${name} owner ${owner}`,
  ]);
  const urlOf = (role: string): string =>
    Object.assign(new URL(server), { pathname: `/${name}`, username: role, password: role }).href;
  const adminUrl = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    name,
    ownerUrl: urlOf(owner),
    guestUrl: urlOf(guest),
    query: async <Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []) => {
      const client = new pg.Client({ connectionString: adminUrl });
      await client.connect();
      try {
        return (await client.query<Row>(sql, parameters)).rows;
      } finally {
        await client.end();
      }
    },
    shut: () =>
      statements(server, [
        `alter database ${name} allow_connections false`,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      ]),
    open: () => statements(server, [`alter database ${name} allow_connections true`]),
    drop: () =>
      statements(server, [`drop database ${name} with (force)`, `drop role ${owner}`, `drop role ${guest}`]),
  };
}

async function statements(server: string, all: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    for (const sql of all) await client.query(sql);
  } finally {
    await client.end();
  }
}
