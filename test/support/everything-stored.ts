import type { TestDatabase } from './test-database.js';

/** Every row of every table as text: what somebody who stole the database would read. */
export async function everythingStored(database: TestDatabase): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ line: string }>(`select t::text as line from ${name} t`);
    lines.push(...rows.map(({ line }) => line));
  }
  return lines.join('\n');
}
