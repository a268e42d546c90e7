const DAY_MS = 86_400_000;

/** Days before its expiry on which a token is told of, the fewest first. */
const THRESHOLDS = [1, 7, 30] as const;

/** As far ahead as anything is told of. */
export const FARTHEST_MS = 30 * DAY_MS;

/** A token's life, in Unix milliseconds, and of what was told last. */
export interface Life {
  /** Since when it has this expiry, as far as that is known: its issue, or its last rotation. */
  since: number;
  expiresAt: number;
  /** Null when nothing was told yet. */
  told: { expiresAt: number; days: number } | null;
}

/**
 * Within how many days a token's expiry is to be told of now; null when it is not. Pure.
 *
 * Only of the nearest threshold, so that a product that was stopped for a while does not make up for what is no longer
 * true; and not of one that the token was issued within, whose issuer knows.
 */
export function thresholdOf({ since, expiresAt, told }: Life, now: number): number | null {
  const left = expiresAt - now;
  const days = THRESHOLDS.find((each) => left <= each * DAY_MS);
  if (left <= 0 || days === undefined || expiresAt - since <= days * DAY_MS) return null;
  const wasTold = told !== null && told.expiresAt === expiresAt && told.days <= days;
  return wasTold ? null : days;
}
