import type { Span } from './span.js';

/** The values of a statement that is being written; it names them by their places. */
export class StatementValues {
  readonly all: unknown[] = [];

  /** @returns its place: `$3`. */
  add(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/**
 * Further conditions that a column of events' handles lies within the span. As values and not as expressions, so
 * that partitions outside are left out when the statement is planned.
 */
export function spanIn({ from, before }: Span, column: string, sql: StatementValues): string {
  return [
    ...(from === null ? [] : [` and ${column} >= ${sql.add(from)}`]),
    ...(before === null ? [] : [` and ${column} < ${sql.add(before)}`]),
  ].join('');
}
