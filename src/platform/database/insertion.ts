import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { Statement } from './lane.js';

/** Rows of one table that come into being, with the same columns. */
export interface Insertion {
  table: string;
  columns: string[];
  /** By column, as JSON says it. */
  rows: Record<string, unknown>[];
  /** Whether rows that are there already are left as they are. */
  ifFree: boolean;
}

/** How rows of an entity are inserted; what they leave undefined has the column's default. */
export function insertionOf(
  { tableName, columns }: EntityMetadata,
  rows: readonly ObjectLiteral[],
  ifFree: boolean,
): Insertion {
  const [first] = rows;
  const given = columns.filter(({ propertyName }) => first?.[propertyName] !== undefined);
  return {
    table: tableName,
    columns: given.map(({ databaseName }) => databaseName),
    rows: rows.map((row) =>
      Object.fromEntries(
        given.map((column) => [column.databaseName, asJson(column.getEntityValue(row, true))] as const),
      ),
    ),
    ifFree,
  };
}

/** As few statements as possible: what goes into the same columns of a table is one. In the order of the tables. */
export function asStatements(insertions: readonly Insertion[]): Statement[] {
  const together = new Map<string, Insertion>();
  for (const each of insertions) {
    const key = `${each.table} ${each.columns.join()}`;
    const known = together.get(key);
    if (known === undefined) together.set(key, { ...each, rows: [...each.rows] });
    else known.rows.push(...each.rows);
  }
  return [...together.values()].filter(({ rows }) => rows.length > 0).map(asStatement);
}

function asStatement({ table, columns, rows, ifFree }: Insertion): Statement {
  const names = columns.map((name) => `"${name}"`).join(', ');
  const texts = rows.map((row) => JSON.stringify(row));
  // Where others may insert the same row: in one order everywhere, so that no two can wait for each other.
  if (ifFree) texts.sort();
  return {
    name: `insert-${table}-${String(columns.length)}`,
    text: `insert into "${table}" (${names})
           select ${names} from json_populate_recordset(null::"${table}", $1::json)${ifFree ? ' on conflict do nothing' : ''}`,
    values: [`[${texts.join()}]`],
  };
}

/** Bytes as PostgreSQL reads them; the rest JSON can say. */
function asJson(value: unknown): unknown {
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value;
}
