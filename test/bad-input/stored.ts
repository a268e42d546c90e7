import type { TestDatabase } from '../support/test-database.js';

/** Of every table but the log and what counts requests, refused ones too: how many rows it has, and a hash of them all. */
export async function stored(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'public' and table_name not like 'audit\\_%' and table_name <> 'leak_reporters' order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ state: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ' ' order by t::text)), '') as state from ${name} t`,
    );
    found[name] = row!.state;
  }
  return found;
}
