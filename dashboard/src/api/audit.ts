import { queryOptions, type UseQueryOptions } from '@tanstack/react-query';
import { answered, api } from './client.ts';
import type { operations } from './schema.d.ts';
import type { AuditEvent, EventStats, InclusionProof, Page, PublicKey } from './types.ts';

type ListQuery = NonNullable<operations['auditEventsList']['parameters']['query']>;
type StatsQuery = NonNullable<operations['auditEventsCount']['parameters']['query']>;

/** What can be asked of events. */
export type EventFilters = Omit<ListQuery, 'cursor' | 'limit'>;

export function listEvents(query: ListQuery, signal?: AbortSignal): Promise<Page<AuditEvent>> {
  return answered(api.GET('/v1/audit-events', { params: { query }, signal }));
}

/** @param rangeKey names the range, since its ends move on with the clock. */
export function statsQuery(
  rangeKey: string,
  query: () => StatsQuery,
  filters: object = {},
): UseQueryOptions<EventStats> {
  return queryOptions({
    queryKey: ['stats', rangeKey, filters],
    queryFn: ({ signal }) =>
      answered(api.GET('/v1/audit-events/stats', { params: { query: { ...query(), ...filters } }, signal })),
    staleTime: 30_000,
  }) as UseQueryOptions<EventStats>;
}

export const actionsQuery = queryOptions({
  queryKey: ['actions'],
  queryFn: async ({ signal }) => (await answered(api.GET('/v1/audit-events/actions', { signal }))).data,
  staleTime: Infinity,
});

export function eventQuery(id: string) {
  return queryOptions({
    queryKey: ['event', id],
    queryFn: ({ signal }) =>
      answered<AuditEvent>(api.GET('/v1/audit-events/{id}', { params: { path: { id } }, signal })),
  });
}

export function readProof(id: string): Promise<InclusionProof> {
  return answered(api.GET('/v1/audit-events/{id}/proof', { params: { path: { id } } }));
}

export function readPublicKey(): Promise<PublicKey> {
  return answered(
    api.GET('/v1/audit-log/public-key', { headers: { accept: 'application/json' } }),
  ) as Promise<PublicKey>;
}

export function readConsistency(from: number, to: number) {
  return answered(api.GET('/v1/audit-log/consistency', { params: { query: { from, to } } }));
}

/** Actions that only look; a reader of the dashboard causes many of them. */
export function isReading(action: string): boolean {
  return /\.(?:list|read|tail|stats|search|prove|export|introspect|describe)$/.test(action);
}
