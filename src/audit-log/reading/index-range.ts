import type { Order, Span } from './span.js';
import { spanIn, type StatementValues } from './statement-values.js';

/** A column with a value, of an index that ends in this column and the events' handles. */
export interface IndexEdge {
  column: string;
  /** SQL. */
  value: string;
  /** The column of the handles. */
  id: string;
}

/**
 * SQL of the conditions that lead to the entries of that value within the span.
 *
 * Column and handle are compared as one, and ordered so: no other index can do that. With plain conditions the planner
 * would take one that has the order alone wherever its statistics say that nearly all events have the same value, and
 * read them all for a value that they do not have.
 */
export function entriesOf({ column, value, id }: IndexEdge, span: Span, sql: StatementValues): string {
  const { from, before } = span;
  const first = from === null ? BEFORE_ALL : sql.add(from);
  const end = before === null ? AFTER_ALL : sql.add(before);
  // Some indexes have no entries for null; that the comparison leads to none, the planner does not see.
  return `${column} is not null and (${column}, ${id}) >= (${value}, ${first})
      and (${column}, ${id}) < (${value}, ${end}) ${spanIn(span, id, sql)}`;
}

export function inOrder({ column, id }: IndexEdge, order: Order): string {
  return `order by ${column} ${order}, ${id} ${order}`;
}

/** Handles of events begin with `evt_`. */
const BEFORE_ALL = `''`;
const AFTER_ALL = `'f'`;
