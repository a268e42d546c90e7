import { Problem } from '../../platform/errors/problem.js';
import { instant } from '../../platform/input/instant.js';

export const INTERVALS = ['minute', 'hour', 'day'] as const;
export type Interval = (typeof INTERVALS)[number];

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
/** Without `from`: an hour, a day, a month. */
const USUAL = { minute: 60, hour: 24, day: 30 } as const;
const MOST = { minute: 1_000, hour: 1_000, day: 366 } as const;

/** Years have four digits in RFC 3339, and the end of the last bucket is to be written too. */
const LAST = Date.UTC(9999, 11, 30);

/** Equal parts of a time, in UTC. */
export interface Buckets {
  /** Of each, in seconds. */
  width: number;
  /** Number of the first, counted from the beginning of 1970. */
  first: number;
  /** Number of the one after the last. */
  end: number;
}

/**
 * The buckets that a time lies in, however little of the first and the last it is. Pure.
 *
 * @param now Unix milliseconds.
 * @throws Problem `invalid_request` when there are too many.
 */
export function bucketsOf(
  { interval, from, to }: { interval: Interval; from?: string; to?: string },
  now: number,
): Buckets {
  const width = SECONDS[interval];
  const numberOf = (at: number): number => Math.floor(at / 1000 / width);
  // What `to` names is not in it, what happens now is.
  const end = numberOf(Math.min(to === undefined ? now : instant(to) - 1, LAST)) + 1;
  const first = from === undefined ? Math.max(end - USUAL[interval], 0) : numberOf(instant(from));
  if (end - first > MOST[interval]) {
    const message = `must be at most ${MOST[interval]} ${interval}s before the end`;
    throw Problem.invalid([{ field: 'from', message }]);
  }
  return { width, first, end: Math.max(first, end) };
}

/** When a bucket begins, RFC 3339. */
export function startOf(bucket: number, { width }: Buckets): string {
  return new Date(bucket * width * 1000).toISOString();
}
