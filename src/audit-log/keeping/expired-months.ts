import { firstHandleAt } from '../../platform/ids.js';
import { monthNamed, type Month } from '../../platform/database/months.js';
import type { Run } from '../../platform/database/owner.js';

/** What is partitioned by month; the events first. */
export const PARTITIONED = ['audit_events', 'audit_personal', 'audit_entries'] as const;

/** The partitions of a month, by the table they are part of. */
export type MonthTables = Record<(typeof PARTITIONED)[number], string>;

/** Names of a month's partitions, which are plain identifiers. */
export function tablesOf(month: Month): MonthTables {
  return Object.fromEntries(PARTITIONED.map((table) => [table, `${table}_${month.name}`])) as MonthTables;
}

/**
 * The months that ended before this moment, in Unix milliseconds, and have partitions: the oldest first. A table that
 * is called like one, but does not hold that month, is none of ours to drop.
 */
export async function monthsBefore(run: Run, moment: number): Promise<Month[]> {
  const partitions = await run<{ name: string; bounds: string }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = any(array['${PARTITIONED.join(`', '`)}']::regclass[])`,
  );
  const boundsOf = new Map(partitions.map(({ name, bounds }) => [name, bounds]));
  return [...boundsOf.keys()]
    .filter((name) => name.startsWith('audit_events_'))
    .map((name) => monthNamed(name.slice('audit_events_'.length)))
    .filter((month) => month !== null)
    .filter((month) => month.to <= moment)
    .filter((month) =>
      Object.values(tablesOf(month)).every((name) => boundsOf.get(name) === boundsText(month)),
    )
    .sort((a, b) => a.from - b.from);
}

function boundsText({ from, to }: Month): string {
  return `FOR VALUES FROM ('${firstHandleAt('evt', from)}') TO ('${firstHandleAt('evt', to)}')`;
}
