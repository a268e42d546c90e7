import { inAnyRange } from '../platform/addresses.js';
import { usesLeft, type TokenLimits } from './token-limits.js';

/** What a decision about a token depends on. Times are Unix milliseconds; null is "never". */
export interface TokenFacts {
  revokedAt: number | null;
  enabled: boolean;
  notBefore: number | null;
  expiresAt: number | null;
  /** Ranges it may be used from. Null is anywhere; an empty list is nowhere. */
  allowedIps: readonly string[] | null;
  scopes: readonly string[];
  /** How often it may be used, and was; null is without limit. */
  limits: TokenLimits | null;
}

/**
 * A token and its ancestors, the token first. Revoking, disabling, expiring, narrowing an ancestor does the same
 * to its descendants (contract §5), so every predicate below asks the whole chain. The two the contract does not
 * name follow the same rule: a token not yet valid, or used up, is no credential (§3), and nobody gives what
 * they do not have.
 */
export type TokenChain = readonly [TokenFacts, ...TokenFacts[]];

/**
 * Whatever the time says: the clock of the instance that revoked may be ahead of this one's, and a revocation
 * holds everywhere the moment it commits.
 */
export function isRevoked(chain: TokenChain): boolean {
  return chain.some((token) => token.revokedAt !== null);
}

export function isDisabled(chain: TokenChain): boolean {
  return chain.some((token) => !token.enabled);
}

/** Exact: at `expires_at` it is over. */
export function isExpired(chain: TokenChain, now: number): boolean {
  return chain.some((token) => token.expiresAt !== null && token.expiresAt <= now);
}

/** Exact: at `not_before` it has begun. */
export function isPending(chain: TokenChain, now: number): boolean {
  return chain.some((token) => token.notBefore !== null && now < token.notBefore);
}

/** The address must lie in the ranges of every member that has any; an unknown address lies in none. */
export function isAddressAllowed(chain: TokenChain, clientIp: string | null): boolean {
  return chain.every(
    ({ allowedIps }) => allowedIps === null || (clientIp !== null && inAnyRange(clientIp, allowedIps)),
  );
}

/** Of a chain: the limits of all its members that have any, the token's own first. */
export function limitsOf(chain: TokenChain): TokenLimits[] {
  return chain.flatMap(({ limits }) => limits ?? []);
}

export function isExhausted(chain: TokenChain): boolean {
  return chain.some(({ limits }) => limits !== null && usesLeft(limits) === 0);
}
