import type { TokenStatus } from '../../api/types.ts';
import type { TokenQuery } from '../../api/tokens.ts';

/** The filters of the table, which are also its address. */
export interface TokenSearch {
  q?: string;
  status?: TokenStatus;
  scope?: string;
  subject?: string;
  expires_before?: string;
}

const STATUSES: readonly string[] = ['active', 'revoked', 'disabled', 'expired', 'pending', 'exhausted'];

export function readTokenSearch(raw: Record<string, unknown>): TokenSearch {
  const text = (name: string): string | undefined => {
    const value = raw[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const status = text('status');
  return {
    q: text('q'),
    status: status !== undefined && STATUSES.includes(status) ? (status as TokenStatus) : undefined,
    scope: text('scope'),
    subject: text('subject'),
    expires_before: text('expires_before'),
  };
}

export function tokenQueryOf(search: TokenSearch): TokenQuery {
  return { ...search };
}

export function isFiltered(search: TokenSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}
