import { answered, api } from './client.ts';
import type { ApiKey, NewApiKey, Page } from './types.ts';

export function listApiKeys(cursor: string | undefined, signal?: AbortSignal): Promise<Page<ApiKey>> {
  return answered(api.GET('/v1/api-keys', { params: { query: { limit: 100, cursor } }, signal }));
}

export function createApiKey(body: {
  name: string;
  environment: 'live' | 'test';
  expires_at: string | null;
}): Promise<NewApiKey> {
  return answered(api.POST('/v1/api-keys', { body }));
}

export function renameApiKey(id: string, name: string): Promise<ApiKey> {
  return answered(api.PATCH('/v1/api-keys/{id}', { params: { path: { id } }, body: { name } }));
}

export function regenerateApiKey(id: string): Promise<NewApiKey> {
  return answered(api.POST('/v1/api-keys/{id}/regenerate', { params: { path: { id } } }));
}

export async function deleteApiKey(id: string): Promise<void> {
  await answered(api.DELETE('/v1/api-keys/{id}', { params: { path: { id } } }));
}
