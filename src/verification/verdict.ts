import {
  isAddressAllowed,
  isDisabled,
  isExhausted,
  isExpired,
  isPending,
  isRevoked,
  type TokenChain,
} from '../credentials/token-facts.js';
import { effectiveScopes, missing } from '../scopes/covers.js';

/** Every answer of a verification: `valid`, or the first of the rest that holds, in this order (contract §5, Verify). */
export const VERIFY_CODES = [
  'valid',
  'malformed',
  'not_found',
  'revoked',
  'disabled',
  'expired',
  'not_yet_valid',
  'ip_not_allowed',
  'insufficient_scope',
  'exhausted',
  'rate_limited',
] as const;
export type VerifyCode = (typeof VERIFY_CODES)[number];

/**
 * What facts alone decide. `malformed` and `not_found` come before there are any; `rate_limited` comes after, where
 * uses and calls are counted, for a call refused here must count as neither.
 */
export type VerdictCode = Exclude<VerifyCode, 'malformed' | 'not_found' | 'rate_limited'>;

/** What the caller asks: all of the scopes, from this address. */
export interface VerdictQuestion {
  scopes: readonly string[];
  clientIp: string | null;
}

/** The presented secret value; a rotated token has several, of which the older ones end (contract §5, rotate). */
export interface SecretFacts {
  /** Set once the value was ended outright, whatever the time says: the other instance's clock may be ahead. */
  endedAt: number | null;
  /** The end of its grace period, in Unix milliseconds. */
  validUntil: number | null;
}

export interface Verdict {
  code: VerdictCode;
  /** What the token may do at all: its scopes, narrowed by its ancestors'. Independent of the code. */
  scopes: readonly string[];
  /** Only with `insufficient_scope`: those asked for that it lacks, in the order asked. */
  missingScopes?: readonly string[];
}

/**
 * The decision on a token that exists. Each code is sought in the whole chain before the next one, so a revoked
 * ancestor outranks the token's own expiry.
 *
 * A value that rotation has ended is `expired`: the token lives on under another value, so neither `revoked` nor
 * `not_found` would be true, and the holder's remedy is the one for expiry, to fetch the current value.
 */
export function verdict(chain: TokenChain, ask: VerdictQuestion, secret: SecretFacts, now: number): Verdict {
  const scopes = effectiveScopes(chain.map((token) => token.scopes));
  if (isRevoked(chain)) return { code: 'revoked', scopes };
  if (isDisabled(chain)) return { code: 'disabled', scopes };
  if (isExpired(chain, now) || isRotatedOut(secret, now)) return { code: 'expired', scopes };
  if (isPending(chain, now)) return { code: 'not_yet_valid', scopes };
  if (!isAddressAllowed(chain, ask.clientIp)) return { code: 'ip_not_allowed', scopes };
  const missingScopes = missing(scopes, ask.scopes);
  if (missingScopes.length > 0) return { code: 'insufficient_scope', scopes, missingScopes };
  if (isExhausted(chain)) return { code: 'exhausted', scopes };
  return { code: 'valid', scopes };
}

/**
 * Whether rotation has ended the value; exact, as expiry is: at the end of its grace it is over. Where the verdict is
 * `expired`, the log gives this as the reason rather than the token's own expiry: who presents such a value has kept
 * what should have been replaced, or has stolen it.
 */
export function isRotatedOut(secret: SecretFacts, now: number): boolean {
  return secret.endedAt !== null || (secret.validUntil !== null && secret.validUntil <= now);
}
