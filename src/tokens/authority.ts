import type { Principal } from '../credentials/principal.js';
import { rangesWithin } from '../platform/addresses.js';
import { Problem } from '../platform/errors/problem.js';
import { missing } from '../scopes/covers.js';
import type { Token } from './token.entity.js';

/** What a caller asks for in a token: set by an issue or a change, undefined where a change leaves it. */
export interface Grant {
  scopes?: readonly string[] | undefined;
  /** Unix milliseconds; null = never. */
  expiresAt?: number | null | undefined;
  allowedIps?: readonly string[] | null | undefined;
}

/**
 * Nobody gives what they do not have (contract §5). Null = allowed, else the refusal. Pure.
 *
 * A token gives a subset of its scopes, an expiry no later than its own, and no wider `allowed_ips`, each of its
 * own and of every ancestor's. An API key has everything, so it may give everything.
 */
export function overreach(caller: Principal, grant: Grant): Problem | null {
  if (caller.credential.kind === 'api_key') return null;
  const lacking = caller.scopes === '*' ? [] : missing(caller.scopes, grant.scopes ?? []);
  if (lacking.length > 0) {
    return Problem.forbidden(`The token cannot give scopes it does not have: ${lacking.join(', ')}`, lacking);
  }
  const { chain } = caller.credential;
  const { expiresAt, allowedIps } = grant;
  if (
    expiresAt !== undefined &&
    chain.some((token) => token.expiresAt !== null && !endsBy(expiresAt, token.expiresAt))
  ) {
    return Problem.forbidden('The token cannot give an expiry later than its own', []);
  }
  if (
    allowedIps !== undefined &&
    chain.some(
      (token) =>
        token.allowedIps !== null && !(allowedIps !== null && rangesWithin(allowedIps, token.allowedIps)),
    )
  ) {
    return Problem.forbidden('The token cannot give addresses it does not have', []);
  }
  return null;
}

/** What a token passes on where the request leaves it out: the earliest expiry, and the addresses all of its chain has. */
export function inherited(caller: Principal): {
  expiresAt: number | null;
  allowedIps: readonly string[] | null;
} {
  if (caller.credential.kind === 'api_key') return { expiresAt: null, allowedIps: null };
  const { chain } = caller.credential;
  const ends = chain.flatMap((token) => (token.expiresAt === null ? [] : [token.expiresAt]));
  const addresses = chain.flatMap((token) => (token.allowedIps === null ? [] : [token.allowedIps]));
  return {
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
    allowedIps: addresses.length === 0 ? null : addresses.reduce(commonRanges),
  };
}

/** A token acts only on its own descendants; not on itself either. */
export function mayActOn(caller: Principal, token: Pick<Token, 'lineage'>): boolean {
  return caller.type === 'api_key' || token.lineage.includes(caller.id);
}

/** What both lists contain: two ranges are nested or apart, so the inner one of each pair is all they share. Pure. */
function commonRanges(one: readonly string[], other: readonly string[]): readonly string[] {
  const inner = [
    ...one.filter((range) => rangesWithin([range], other)),
    ...other.filter((range) => rangesWithin([range], one)),
  ];
  return [...new Set(inner)];
}

function endsBy(given: number | null, limit: number): boolean {
  return given !== null && given <= limit;
}
