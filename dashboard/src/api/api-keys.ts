import { answered, api } from './client.ts';
import { once } from './idempotency.ts';
import type { ApiKey, NewApiKey, Page } from './types.ts';

export function listApiKeys(cursor: string | undefined, signal?: AbortSignal): Promise<Page<ApiKey>> {
  return answered(api.GET('/v1/api-keys', { params: { query: { limit: 100, cursor } }, signal }));
}

export interface WantedKey {
  name: string;
  environment: 'live' | 'test';
  expires_at: string | null;
}

export function createApiKey(body: WantedKey, key: string): Promise<NewApiKey> {
  return answered(api.POST('/v1/api-keys', { params: { header: once(key) }, body }));
}

export function renameApiKey(id: string, name: string): Promise<ApiKey> {
  return answered(api.PATCH('/v1/api-keys/{id}', { params: { path: { id } }, body: { name } }));
}

export function regenerateApiKey(id: string, key: string): Promise<NewApiKey> {
  return answered(api.POST('/v1/api-keys/{id}/regenerate', { params: { path: { id }, header: once(key) } }));
}

export async function deleteApiKey(id: string): Promise<void> {
  await answered(api.DELETE('/v1/api-keys/{id}', { params: { path: { id } } }));
}
