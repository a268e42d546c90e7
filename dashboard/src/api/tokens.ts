import { queryOptions } from '@tanstack/react-query';
import { answered, api } from './client.ts';
import { once } from './idempotency.ts';
import type { components, operations } from './schema.d.ts';
import type { IssueToken, NewToken, Page, Token, UpdateToken } from './types.ts';

export type TokenQuery = NonNullable<operations['tokensList']['parameters']['query']>;

export function listTokens(query: TokenQuery, signal?: AbortSignal): Promise<Page<Token>> {
  return answered(api.GET('/v1/tokens', { params: { query }, signal }));
}

export function tokenQuery(id: string) {
  return queryOptions({
    queryKey: ['tokens', 'one', id],
    queryFn: ({ signal }) =>
      answered<Token>(api.GET('/v1/tokens/{id}', { params: { path: { id } }, signal })),
  });
}

export function issueToken(body: IssueToken, key: string): Promise<NewToken> {
  return answered(api.POST('/v1/tokens', { params: { header: once(key) }, body }));
}

export function updateToken(id: string, body: UpdateToken): Promise<Token> {
  return answered(api.PATCH('/v1/tokens/{id}', { params: { path: { id } }, body }));
}

/** Which tokens: those that fulfil every condition given. */
export type RevokeFilter = components['schemas']['RevokeFilter'];
export type RevokedTokens = components['schemas']['RevokedTokens'];

/** @param how.dryRun changes nothing, and shows what would be revoked. */
export function revokeByFilter(
  filter: RevokeFilter,
  how: { dryRun?: boolean; reason?: string },
): Promise<RevokedTokens> {
  const reason = how.reason?.trim();
  return answered(
    api.POST('/v1/tokens/revoke', {
      body: { filter, dry_run: how.dryRun === true, ...(reason ? { reason } : {}) },
    }),
  );
}

/** A new value; the one it has now goes on for so many seconds. */
export function rotateToken(id: string, graceSeconds: number, key: string): Promise<NewToken> {
  return answered(
    api.POST('/v1/tokens/{id}/rotate', {
      params: { path: { id }, header: once(key) },
      body: { grace_period_seconds: graceSeconds },
    }),
  );
}

/** Ends the grace of the former value now. */
export function finishRotation(id: string): Promise<Token> {
  return answered(api.POST('/v1/tokens/{id}/rotate/finish', { params: { path: { id } } }));
}

export function revokeToken(id: string, reason: string | null): Promise<Token> {
  return answered(api.POST('/v1/tokens/{id}/revoke', { params: { path: { id } }, body: { reason } }));
}
