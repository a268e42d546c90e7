import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { built } from './product.mjs';

/** Values as PostgreSQL writes them: what is read can be written back, whatever its type. */
const AS_TEXT = { getTypeParser: () => (text) => text };

/** The database below a running product, seen past the product. */
export async function openDatabase(lifetime, product) {
  const { runningEmbedded } = await built('platform/database/embedded/embedded-server.js');
  const server = await runningEmbedded(join(product.folder, 'data'));
  const url = server.adminUrl('tooken');
  const client = await connect(lifetime, url);
  const one = async (sql, values) => (await client.query(sql, values)).rows[0];
  return {
    url,
    one,
    close: client.close,
    /** What a figure depends on. */
    settings: () =>
      one(`select split_part(current_setting('server_version'), ' ', 1) as version,
                  current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit`),
    /** Rows, of which one may stand for many answers. */
    refusals: async () =>
      Number((await one(`select count(*) from audit_events where outcome = 'denied'`)).count),
    events: async (action) =>
      Number(
        (
          await one(
            `select count(*) from audit_events where ($1::text is null or (action = $1 and outcome = 'success'))`,
            [action],
          )
        ).count,
      ),
  };
}

/**
 * What issuing a token writes, without the product: its row, its secret's and its event's in one transaction, by
 * as many clients at once. Rows are copies of those of an issued token, so that this needs not know their columns.
 *
 * @returns transactions a second.
 */
export async function insertDirectly(lifetime, database, tokenId, { connections, seconds }) {
  const { newHandle } = await built('platform/ids.js');
  const token = await statement(database, 'tokens', 'id = $1', tokenId);
  const secret = await statement(database, 'credential_secrets', 'owner_id = $1', tokenId);
  const event = await statement(
    database,
    'audit_events',
    `target_id = $1 and action = 'token.issue'`,
    tokenId,
  );
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect(lifetime, database.url)),
  );

  const issue = async (client) => {
    const id = newHandle('token', Date.now());
    await client.query('begin');
    await client.query(secret({ owner_id: id, hash: `\\x${randomBytes(32).toString('hex')}` }));
    await client.query(token({ id }));
    await client.query(event({ id: newHandle('evt', Date.now()), target_id: id }));
    await client.query('commit');
  };
  let done = 0;
  const from = performance.now();
  const until = from + seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      for (; performance.now() < until; done++) await issue(client);
    }),
  );
  const elapsed = performance.now() - from;
  for (const client of clients) await client.close();
  return done / (elapsed / 1000);
}

/** A prepared insert of a copy of this row, with some columns changed. */
async function statement(database, table, condition, value) {
  const row = await database.one({ text: `select * from ${table} where ${condition}`, types: AS_TEXT }, [
    value,
  ]);
  if (row === undefined) throw new Error(`${table} holds no row of ${value}`);
  const columns = Object.keys(row);
  const places = columns.map((_, at) => `$${at + 1}`);
  const text = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`;
  return (changes) => ({ name: table, text, values: Object.values({ ...row, ...changes }) });
}

async function connect(lifetime, connectionString) {
  const client = new pg.Client({ connectionString, application_name: 'tooken bench' });
  // The server ends below us when the run is broken off.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { close: lifetime.closeLater(() => client.end()) });
}
