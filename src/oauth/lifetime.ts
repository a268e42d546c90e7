import type { TokenCredential } from '../credentials/credential-facts.js';

/** Longest life of a JWT: nobody who verifies offline asks us again within it. */
export const MAX_JWT_SECONDS = 3_600;
export const DEFAULT_JWT_SECONDS = 900;

/** When a token is over, by whichever of its chain ends first or the end of the presented value; null = never. Pure. */
export function endOf({ chain, validUntil }: TokenCredential): number | null {
  return earliest([validUntil, ...chain.map(({ expiresAt }) => expiresAt)]);
}

/** When a token begins, by whichever of its chain begins last; null = it has begun. Pure. */
export function startOf({ chain }: TokenCredential): number | null {
  const starts = chain.flatMap(({ notBefore }) => (notBefore === null ? [] : [notBefore]));
  return starts.length === 0 ? null : Math.max(...starts);
}

/**
 * The `exp` of a JWT made from this token, in Unix seconds: never past what it was made from. Pure.
 *
 * @param now Unix milliseconds.
 */
export function jwtEnd(token: TokenCredential, seconds: number, now: number): number {
  const wanted = Math.floor(now / 1000) + Math.min(seconds, MAX_JWT_SECONDS);
  const end = endOf(token);
  return end === null ? wanted : Math.min(wanted, Math.floor(end / 1000));
}

function earliest(times: readonly (number | null)[]): number | null {
  const given = times.filter((time) => time !== null);
  return given.length === 0 ? null : Math.min(...given);
}
