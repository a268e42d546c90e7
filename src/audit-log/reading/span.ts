import { monthAt } from '../../platform/database/months.js';
import { firstHandleAt } from '../../platform/ids.js';

/** Events whose handles lie between two texts, which is a time as well: handles sort by time. */
export interface Span {
  /** Inclusive; null: from the beginning. */
  from: string | null;
  /** Exclusive; null: to the end. */
  before: string | null;
}

export const EVER: Span = { from: null, before: null };

export type Order = 'desc' | 'asc';

/** What is left of a span for a list that has come as far as this event. */
export function beyond({ from, before }: Span, last: string, order: Order): Span {
  // Handles are of one length, so that nothing lies between one and the same with a zero behind it.
  return order === 'desc' ? { from, before: last } : { from: `${last}0`, before };
}

/**
 * The part of a span that its list comes to first, cut at the beginning of a month: so much as lies in few
 * partitions. Most pages are filled from it, and a statement over all partitions takes ten times as long to plan.
 *
 * @param now Unix milliseconds; later events are few or none.
 */
export function nearPart(span: Span, order: Order, now: number): Span {
  if (order === 'desc') {
    const end = span.before === null ? now : Math.min(momentOf(span.before), now);
    const edge = firstOfMonth(end, -1);
    return { from: latest(span.from, edge), before: span.before };
  }
  if (span.from === null) return span;
  return { from: span.from, before: earliest(span.before, firstOfMonth(momentOf(span.from), 2)) };
}

/** What is left of a span after that part of it. */
export function restAfter(span: Span, part: Span, order: Order): Span | null {
  if (order === 'desc') return part.from === span.from ? null : { from: span.from, before: part.from };
  return part.before === span.before ? null : { from: part.before, before: span.before };
}

/** All that can have happened to what these handles name; with a day to spare for clocks that disagree. */
export function sinceMaking(handles: readonly string[]): Span {
  const made = Math.min(...handles.map(momentOf));
  return { from: firstOfMonth(made - DAY_MS, 0), before: null };
}

/** The whole months that a span lies in: the same partitions. */
export function monthsOf({ from, before }: Span): Span {
  return {
    from: from === null ? null : firstOfMonth(momentOf(from), 0),
    before: before === null ? null : firstOfMonth(momentOf(before), 1),
  };
}

export function isEmpty({ from, before }: Span): boolean {
  return from !== null && before !== null && from >= before;
}

export function isWithin(one: Span, other: Span): boolean {
  return latest(one.from, other.from) === one.from && earliest(one.before, other.before) === one.before;
}

export function latest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

export function earliest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

function firstOfMonth(at: number, later: number): string {
  return firstHandleAt('evt', Math.max(monthAt(at, later).from, 0));
}

const DAY_MS = 86_400_000;
const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;

/** When a handle was made, in Unix milliseconds: its first ten characters (RFC 9562 §5.7 in TypeID's base32). */
function momentOf(handle: string): number {
  const start = handle.indexOf('_') + 1;
  const digits = handle.slice(start, start + TIME_LENGTH);
  return [...digits].reduce((sum, digit) => sum * 32 + BASE32.indexOf(digit), 0);
}
