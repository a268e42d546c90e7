import { queryOptions } from '@tanstack/react-query';
import { answered, api } from './client.ts';
import type { components } from './schema.d.ts';
import type { Page, Workspace } from './types.ts';

export type UpdateWorkspace = components['schemas']['UpdateWorkspace'];
/** A token that works, and would be refused if it were issued now. */
export type ReportItem = components['schemas']['PolicyReportItem'];

export const workspaceQuery = queryOptions({
  queryKey: ['workspace'],
  queryFn: ({ signal }) => answered<Workspace>(api.GET('/v1/workspace', { signal })),
});

/** The workspace is one for both environments; it is changed from the live one, whichever is shown. */
export function updateWorkspace(body: UpdateWorkspace): Promise<Workspace> {
  return answered(api.PATCH('/v1/workspace', { body, headers: { 'x-tooken-environment': 'live' } }));
}

export function listPolicyReport(cursor: string | undefined, signal: AbortSignal): Promise<Page<ReportItem>> {
  return answered(api.GET('/v1/workspace/policy-report', { params: { query: { cursor } }, signal }));
}
