/** A calendar month, in UTC: what the audit log is partitioned by. */
export interface Month {
  /** As the names of its partitions end: `2026_11`. */
  name: string;
  /** Unix milliseconds, inclusive. */
  from: number;
  /** Unix milliseconds, exclusive. */
  to: number;
}

/** The month of this moment, in Unix milliseconds, or so many months after it. */
export function monthAt(at: number, later = 0): Month {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + later];
  const from = Date.UTC(year, month);
  return {
    name: new Date(from).toISOString().slice(0, 'YYYY-MM'.length).replace('-', '_'),
    from,
    to: Date.UTC(year, month + 1),
  };
}

/** The month that a partition's name ends with; null when it names none. */
export function monthNamed(name: string): Month | null {
  const [, year, month] = /^(\d{4})_(0[1-9]|1[0-2])$/.exec(name) ?? [];
  return year === undefined ? null : monthAt(Date.parse(`${year}-${month!}-01T00:00:00Z`));
}
