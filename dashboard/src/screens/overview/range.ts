import type { EventStats } from '../../api/types.ts';

export type RangeKey = '24h' | '7d' | '30d';

interface Range {
  label: string;
  interval: 'hour' | 'day';
  hours: number;
  tick: Intl.DateTimeFormat;
}

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export const RANGES: Record<RangeKey, Range> = {
  '24h': { label: '24 hours', interval: 'hour', hours: 24, tick: hours },
  '7d': { label: '7 days', interval: 'day', hours: 24 * 7, tick: days },
  '30d': { label: '30 days', interval: 'day', hours: 24 * 30, tick: days },
};

/** What to ask the server for, the range ending now. */
export function rangeQuery(key: RangeKey, now = Date.now()): { interval: 'hour' | 'day'; from: string } {
  const { interval, hours: length } = RANGES[key];
  return { interval, from: new Date(now - length * 3_600_000).toISOString() };
}

export interface Totals {
  success: number;
  denied: number;
  failure: number;
  all: number;
}

export function totalsOf(stats: EventStats | undefined): Totals {
  const totals = { success: 0, denied: 0, failure: 0, all: 0 };
  for (const { outcomes, count } of stats?.data ?? []) {
    totals.success += outcomes.success;
    totals.denied += outcomes.denied;
    totals.failure += outcomes.failure;
    totals.all += count;
  }
  return totals;
}

/** Reasons with their counts, the most frequent first. */
export function reasonsOf(stats: EventStats | undefined): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reasons } of stats?.data ?? []) {
    for (const [reason, count] of Object.entries(reasons)) {
      counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}
