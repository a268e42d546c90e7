import type { Principal } from '../credentials/principal.js';
import { rangesWithin } from '../platform/addresses.js';
import { Problem } from '../platform/errors/problem.js';
import { missing } from '../scopes/covers.js';
import { isReserved } from '../scopes/grammar.js';
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
 * own and of every ancestor's. An API key has everything, so it may give everything. A person gives of Tooken's own
 * scopes those of their role.
 */
export function overreach(caller: Principal, grant: Grant): Problem | null {
  if (caller.credential.kind === 'api_key') return null;
  const lacking = lackingScopes(caller, grant.scopes ?? []);
  if (lacking.length > 0) {
    const who = caller.type === 'user' ? 'The role' : 'The token';
    return Problem.forbidden(`${who} cannot give scopes it does not have: ${lacking.join(', ')}`, lacking);
  }
  if (caller.credential.kind === 'user') return null;
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
  if (caller.credential.kind !== 'token') return { expiresAt: null, allowedIps: null };
  const { chain } = caller.credential;
  const ends = chain.flatMap((token) => (token.expiresAt === null ? [] : [token.expiresAt]));
  const addresses = chain.flatMap((token) => (token.allowedIps === null ? [] : [token.allowedIps]));
  return {
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
    allowedIps: addresses.length === 0 ? null : addresses.reduce(commonRanges),
  };
}

/**
 * A token acts only on its own descendants; not on itself either. A person acts on every token that does not have
 * more of Tooken's own scopes than they: a new value of such a one would be more than they have.
 */
export function mayActOn(caller: Principal, token: Pick<Token, 'lineage' | 'scopes'>): boolean {
  if (caller.type === 'user') return lackingScopes(caller, token.scopes).length === 0;
  return caller.type === 'api_key' || token.lineage.includes(caller.id);
}

/** Of a person's role only Tooken's own scopes are a matter: the others are the workspace's, which they work for. */
function lackingScopes(caller: Principal, scopes: readonly string[]): string[] {
  if (caller.scopes === '*') return [];
  return missing(caller.scopes, caller.type === 'user' ? scopes.filter(isReserved) : scopes);
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
