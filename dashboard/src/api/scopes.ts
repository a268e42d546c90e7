import { queryOptions } from '@tanstack/react-query';
import { answered, api } from './client.ts';
import type { Page, Scope } from './types.ts';

const PAGE = 100;
/** A picker with more than this many is no picker; typing finds the rest. */
const KNOWN_LIMIT = 500;

export function listScopes(cursor: string | undefined, signal?: AbortSignal): Promise<Page<Scope>> {
  return answered(api.GET('/v1/scopes', { params: { query: { limit: PAGE, cursor } }, signal }));
}

/** The workspace's own scopes, as many as a picker can hold. */
export const knownScopesQuery = queryOptions({
  queryKey: ['scopes', 'known'],
  queryFn: async ({ signal }) => {
    const scopes: Scope[] = [];
    let cursor: string | undefined;
    do {
      const page = await listScopes(cursor, signal);
      scopes.push(...page.data);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && scopes.length < KNOWN_LIMIT);
    return scopes;
  },
});

export function createScope(name: string, description: string | null): Promise<Scope> {
  return answered(api.POST('/v1/scopes', { body: { name, description } }));
}

export function describeScope(name: string, description: string | null): Promise<Scope> {
  return answered(api.PATCH('/v1/scopes/{name}', { params: { path: { name } }, body: { description } }));
}

export async function removeScope(name: string): Promise<void> {
  await answered(api.DELETE('/v1/scopes/{name}', { params: { path: { name } } }));
}
