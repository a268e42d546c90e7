import { join } from 'node:path';
import pg from 'pg';
import { built } from './product.mjs';

/** The database below a running product, seen past the product. */
export async function openDatabase(lifetime, product) {
  const { runningEmbedded } = await built('platform/database/embedded/embedded-server.js');
  const server = await runningEmbedded(join(product.folder, 'data'));
  const url = server.adminUrl('tooken');
  const client = await connect(lifetime, url);
  const one = async (sql, values) => (await client.query(sql, values)).rows[0];
  return {
    url,
    query: (sql, values) => client.query(sql, values),
    one,
    close: client.close,
    /** What a figure depends on. */
    settings: () =>
      one(`select split_part(current_setting('server_version'), ' ', 1) as version,
                  current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit`),
    /** Whose each connection is. */
    backends: async () =>
      (await client.query('select pid, application_name as name from pg_stat_activity')).rows,
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

/** A client of one's own, closed with the run. */
export async function connect(lifetime, connectionString) {
  const client = new pg.Client({ connectionString, application_name: 'tooken bench' });
  // The server ends below us when the run is broken off.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { close: lifetime.closeLater(() => client.end()) });
}
