/** For filling tables past the product with millions of rows. */

/**
 * Does the work while the tables have no indexes and refer to nothing, and makes the indexes afterwards, which takes a
 * fraction of the time: nobody reads meanwhile.
 */
export async function withoutIndexes(client, tables, say, work) {
  await client.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'`);
  await client.query(`set session_replication_role = replica`);
  const { rows } = await client.query(
    `select tablename as table, indexname as name, indexdef as definition from pg_indexes
      where tablename = any($1) order by indexname`,
    [tables],
  );
  const makes = [];
  for (const { table, name, definition } of rows) {
    const isKey = name.endsWith('_pkey');
    await client.query(isKey ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`);
    const columns = /\(.*\)/.exec(definition)[0];
    makes.push(
      isKey
        ? `alter table ${table} add constraint ${name} primary key ${columns}`
        : definition.replace(' ON ONLY ', ' on '),
    );
  }
  await work();
  for (const make of makes) {
    say(make.split(' on ')[0].split(' ON ')[0].replace('alter table ', '').toLowerCase());
    await client.query(make);
  }
  await client.query(`set session_replication_role = origin`);
}

/**
 * Writes copies of one row, so that nothing needs to know its columns but those that are to differ.
 *
 * @param where SQL that is true of this row `r`.
 * @param beside SQL of what the copies are joined with: one row for each copy.
 * @param changes SQL by column.
 */
export async function copyRow(client, table, { where, beside, changes }) {
  const { rows } = await client.query(
    `select quote_ident(attname) as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => changes[name] ?? `r.${name}`);
  await client.query(
    `insert into ${table} (${names.join(', ')})
     select ${values.join(', ')} from ${table} r cross join ${beside} where ${where}`,
  );
}

/** SQL of the ten characters of a handle that are its time, from Unix milliseconds. */
export const timeOf = (ms) =>
  Array.from(
    { length: 10 },
    (_, at) => `substr('0123456789abcdefghjkmnpqrstvwxyz', ((${ms} >> ${45 - 5 * at}) & 31)::int + 1, 1)`,
  ).join(' || ');
