const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long to wait after each failed attempt, as Standard Webhooks recommends; after the last one it is over. */
const PAUSES = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
];
/** By so much a pause is made longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.1;

/** Attempts before a delivery counts as failed. */
export const MAX_TRIES = PAUSES.length + 1;

/**
 * When to try again after so many failures, in Unix milliseconds; null when that was the last attempt. Pure.
 *
 * @param chance from 0 to 1.
 */
export function retryAt(failures: number, now: number, chance: number): number | null {
  const pause = PAUSES[failures - 1];
  return pause === undefined ? null : now + Math.round(pause * (1 + JITTER * (2 * chance - 1)));
}
