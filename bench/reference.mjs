import { randomBytes } from 'node:crypto';
import { connect } from './database.mjs';
import { built } from './product.mjs';
import { percentile } from './statistics.mjs';

/** Values as PostgreSQL writes them: what is read can be written back, whatever its type. */
const AS_TEXT = { getTypeParser: () => (text) => text };

/** A table that is not the product's, in its database. */
const PLAIN = 'bench_plain_events';

/**
 * What issuing a token writes, without the product: its row, its secret's, its event's and what is personal of that in
 * one transaction, by as many clients at once. Rows are copies of those of an issued token, so that this needs not know
 * their columns.
 *
 * @returns transactions a second.
 */
export async function insertDirectly(lifetime, database, tokenId, { connections, seconds }) {
  const { newHandle } = await built('platform/ids.js');
  const copiesOf = async (table, condition, value = tokenId) =>
    insertionOf(await rowOf(database, table, condition, value), table);
  const token = await copiesOf('tokens', 'id = $1');
  const secret = await copiesOf('credential_secrets', 'owner_id = $1');
  const issued = await rowOf(database, 'audit_events', `target_id = $1 and action = 'token.issue'`, tokenId);
  const event = insertionOf(issued, 'audit_events');
  const personal = await copiesOf('audit_personal', 'event_id = $1', issued.id);
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect(lifetime, database.url)),
  );

  const issue = async (client) => {
    const id = newHandle('token', Date.now());
    const eventId = newHandle('evt', Date.now());
    await client.query('begin');
    await client.query(secret({ owner_id: id, hash: `\\x${randomBytes(32).toString('hex')}` }));
    await client.query(token({ id }));
    await client.query(event({ id: eventId, target_id: id }));
    await client.query(personal({ event_id: eventId }));
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

/**
 * What verifying a token takes at the very least, one after the other: a look into one row by its primary key, and one
 * row of an event's size written into a table of its own that has nothing but its primary key, committed by itself.
 */
export async function lookUpAndInsertDirectly(lifetime, database, tokenId, { seconds }) {
  const { newHandle } = await built('platform/ids.js');
  const event = await rowOf(database, 'audit_events', `target_id = $1 and action = 'token.verify'`, tokenId);
  await database.query(`create table if not exists ${PLAIN} (like audit_events, primary key (id))`);
  const insert = insertionOf(event, PLAIN);
  const client = await connect(lifetime, database.url);
  const times = [];
  const from = performance.now();
  const until = from + seconds * 1000;
  for (let start = from; start < until; start = performance.now()) {
    await client.query({ name: 'look-up', text: 'select * from tokens where id = $1', values: [tokenId] });
    await client.query(insert({ id: newHandle('evt', Date.now()) }));
    times.push(performance.now() - start);
  }
  const elapsed = performance.now() - from;
  await client.close();
  await database.query(`drop table ${PLAIN}`);
  return {
    perSecond: times.length / (elapsed / 1000),
    p50: percentile(times, 50),
    p99: percentile(times, 99),
  };
}

async function rowOf(database, table, condition, value) {
  const row = await database.one(
    { text: `select * from ${table} where ${condition} limit 1`, types: AS_TEXT },
    [value],
  );
  if (row === undefined) throw new Error(`${table} holds no row of ${value}`);
  return row;
}

/** A prepared insert of copies of this row, with some columns changed. */
function insertionOf(row, table) {
  const columns = Object.keys(row);
  const places = columns.map((_, at) => `$${at + 1}`);
  const text = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`;
  return (changes) => ({ name: table, text, values: Object.values({ ...row, ...changes }) });
}
