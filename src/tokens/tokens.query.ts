import type { SelectQueryBuilder } from 'typeorm';
import type { Token } from './token.entity.js';
import type { TokenStatus } from './token-status.js';

/** The filters of the list of tokens; undefined = any. */
export interface TokenFilters {
  status?: TokenStatus | undefined;
  subject?: string | undefined;
  scope?: string | undefined;
  q?: string | undefined;
  imported?: boolean | undefined;
  /** Unix milliseconds. */
  expiresBefore?: number | undefined;
}

/** Adds the filters to a query over `token`. */
export function filterTokens(
  query: SelectQueryBuilder<Token>,
  filters: TokenFilters,
  now: number,
): SelectQueryBuilder<Token> {
  const { status, subject, scope, q, imported, expiresBefore } = filters;
  if (status !== undefined) query.andWhere(`${STATUS} = :status`, { status, now: new Date(now) });
  if (subject !== undefined) query.andWhere('token.subject = :subject', { subject });
  if (scope !== undefined)
    query.andWhere('token.scopes && :covering::text[]', { covering: coveringForms(scope) });
  if (q !== undefined) {
    query.andWhere(
      `(token.name ilike :q or token.description ilike :q or token.subject ilike :q or token.hint ilike :q)`,
      { q: `%${q.replace(/[\\%_]/g, '\\$&')}%` },
    );
  }
  // Written out, for the index of those that were is a partial one.
  if (imported !== undefined) query.andWhere(imported ? 'token.imported' : 'not token.imported');
  if (expiresBefore !== undefined) {
    query.andWhere('token.expires_at < :expiresBefore', { expiresBefore: new Date(expiresBefore) });
  }
  return query;
}

/** A scope and every pattern that covers it: `a:b:c` is held by `a:b:c`, `a:b:*` and `a:*`. Pure. */
export function coveringForms(scope: string): string[] {
  const segments = scope.split(':');
  const patterns = segments.slice(1).map((_segment, index) => `${segments.slice(0, index + 1).join(':')}:*`);
  return [...new Set([scope, ...patterns])];
}

const ancestor = (condition: string): string =>
  `exists (select from tokens a where a.workspace_id = token.workspace_id and a.id = any(token.lineage) and ${condition})`;

const usedUp = (token: string): string =>
  `${token}.max_uses <= (select uses from token_counters where token_id = ${token}.id)`;

/** `tokenStatus` in SQL: the first that holds, of the token or an ancestor of it. */
const STATUS = `case
  when token.revoked_at is not null or ${ancestor('a.revoked_at is not null')} then 'revoked'
  when not token.enabled or ${ancestor('not a.enabled')} then 'disabled'
  when token.expires_at <= :now or ${ancestor('a.expires_at <= :now')} then 'expired'
  when token.not_before > :now or ${ancestor('a.not_before > :now')} then 'pending'
  when ${usedUp('token')} or ${ancestor(usedUp('a'))} then 'exhausted'
  else 'active' end`;
