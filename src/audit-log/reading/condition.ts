import type { Span } from './span.js';
import type { StatementValues } from './statement-values.js';

/** Something that an event has to meet. */
export interface Condition {
  /**
   * SQL that is true of an event `e` that meets it; the workspace is `$1`.
   *
   * @param span in which the event lies, if that is known: tells the planner which partitions to leave out.
   */
  test(sql: StatementValues, span?: Span): string;
  /** How an index leads to those events within the span; null: they are found only by looking at every event. */
  access(span: Span): Access | null | Promise<Access | null>;
}

/** An index whose entries for one value, of one environment, are in the order of their events. */
export interface Way {
  table: 'audit_events' | 'audit_personal';
  /** Null: of all events of the environment. */
  column: string | null;
  /** False of an index that does not tell environments apart; then each event does. */
  byEnvironment: boolean;
}

/** By each of the values, in each of these ways. */
export interface ValueAccess {
  ways: readonly Way[];
  type: 'text' | 'inet';
  values: readonly string[];
}

/** By the callers' addresses between two, inclusive. Not in the events' order: only good for what is not much. */
export interface RangeAccess {
  low: readonly string[];
  high: readonly string[];
}

export type Access = ValueAccess | RangeAccess;

const ALL_ENVIRONMENTS = ['actor_id', 'target_id', 'request_id'];

/** One of the values in a column of the events, each of which has an index. */
export function oneOf(column: string, values: readonly string[]): Condition {
  const unique = [...new Set(values)];
  return {
    test: (sql) => `e.${column} = any(${sql.add(unique)}::text[])`,
    access: () => ({ ways: [wayBy(column)], type: 'text', values: unique }),
  };
}

/** Done by one of these, or to it. */
export function involves(ids: readonly string[]): Condition {
  return {
    test: (sql) => {
      const place = sql.add(ids);
      return `(e.actor_id = any(${place}::text[]) or e.target_id = any(${place}::text[]))`;
    },
    access: () => ({ ways: [wayBy('actor_id'), wayBy('target_id')], type: 'text', values: ids }),
  };
}

function wayBy(column: string): Way {
  return { table: 'audit_events', column, byEnvironment: !ALL_ENVIRONMENTS.includes(column) };
}
