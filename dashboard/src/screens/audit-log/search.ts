import type { EventFilters } from '../../api/audit.ts';

/** Filters that may have several values. */
export const LIST_FIELDS = [
  'action',
  'outcome',
  'reason',
  'actor_type',
  'actor_id',
  'target_type',
  'target_id',
  'ip',
  'request_id',
] as const;
export type ListField = (typeof LIST_FIELDS)[number];

export const SPANS = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const;
export type Span = keyof typeof SPANS;

/** What the log is filtered by; the same as its address. */
export type EventSearch = Partial<Record<ListField, string[]>> & {
  q?: string;
  /** The last so many hours or days. */
  span?: Span;
  /** RFC 3339; instead of a span. */
  from?: string;
  to?: string;
};

export function readEventSearch(raw: Record<string, unknown>): EventSearch {
  // What is not understood is named too, since the router keeps what it is not told about.
  const search: EventSearch = { q: undefined, span: undefined, from: undefined, to: undefined };
  for (const field of LIST_FIELDS) {
    const values = [raw[field]].flat().filter((value): value is string => typeof value === 'string');
    search[field] = values.length > 0 ? values : undefined;
  }
  if (typeof raw.q === 'string' && raw.q !== '') search.q = raw.q;
  if (typeof raw.span === 'string' && raw.span in SPANS) search.span = raw.span as Span;
  for (const end of ['from', 'to'] as const) {
    const value = raw[end];
    if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) search[end] = value;
  }
  return search;
}

/** As the API wants it. */
export function filtersOf({ span, ...search }: EventSearch, now = Date.now()): EventFilters {
  const from = span === undefined ? search.from : new Date(now - SPANS[span] * 3_600_000).toISOString();
  return { ...search, from } as EventFilters;
}

/** The same as a query string, for the routes that stream. */
export function queryStringOf(search: EventSearch): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filtersOf(search))) {
    for (const each of [value].flat()) if (each) params.append(name, each);
  }
  return params.toString();
}
