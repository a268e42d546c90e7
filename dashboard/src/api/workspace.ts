import { queryOptions } from '@tanstack/react-query';
import { answered, api } from './client.ts';
import type { components } from './schema.d.ts';
import type { Workspace } from './types.ts';

export const workspaceQuery = queryOptions({
  queryKey: ['workspace'],
  queryFn: ({ signal }) => answered<Workspace>(api.GET('/v1/workspace', { signal })),
});

export function updateWorkspace(body: components['schemas']['UpdateWorkspace']): Promise<Workspace> {
  return answered(api.PATCH('/v1/workspace', { body }));
}
