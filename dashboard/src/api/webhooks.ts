import { answered, api } from './client.ts';
import type { components } from './schema.d.ts';
import type { Page } from './types.ts';

type Schemas = components['schemas'];
export type Webhook = Schemas['Webhook'];
export type NewWebhook = Schemas['NewWebhook'];
export type Delivery = Schemas['Delivery'];
export type DeliveryDetail = Schemas['DeliveryDetail'];
export type NoticeType = NonNullable<Webhook['events']>[number];
export type DeliveryStatus = Delivery['status'];

/** What each notice tells. */
export const NOTICES: Record<NoticeType, string> = {
  'token.expiring': 'A token expires within 30, 7 or 1 days',
  'token.suspended': 'A token was suspended, by somebody or for not being used',
  'token.revoked': 'Tokens were revoked',
  'token.value_reused': 'A value that rotation had ended was presented again',
  'secret.leaked': 'The value of a token or key was reported as leaked, and stopped',
  'api_key.regenerated': 'An API key got a new value',
  'api_key.deleted': 'An API key was deleted',
};

export function listWebhooks(cursor: string | undefined, signal?: AbortSignal): Promise<Page<Webhook>> {
  return answered(api.GET('/v1/webhooks', { params: { query: { limit: 100, cursor } }, signal }));
}

export function readWebhook(id: string, signal?: AbortSignal): Promise<Webhook> {
  return answered(api.GET('/v1/webhooks/{id}', { params: { path: { id } }, signal }));
}

export function createWebhook(body: Schemas['CreateWebhook']): Promise<NewWebhook> {
  return answered(api.POST('/v1/webhooks', { body }));
}

export function updateWebhook(id: string, body: Schemas['UpdateWebhook']): Promise<Webhook> {
  return answered(api.PATCH('/v1/webhooks/{id}', { params: { path: { id } }, body }));
}

export async function deleteWebhook(id: string): Promise<void> {
  await answered(api.DELETE('/v1/webhooks/{id}', { params: { path: { id } } }));
}

export function rotateWebhookSecret(id: string): Promise<NewWebhook> {
  return answered(api.POST('/v1/webhooks/{id}/rotate-secret', { params: { path: { id } } }));
}

export async function testWebhook(id: string): Promise<void> {
  await answered(api.POST('/v1/webhooks/{id}/test', { params: { path: { id } } }));
}

export function listDeliveries(
  id: string,
  status: DeliveryStatus | undefined,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<Page<Delivery>> {
  return answered(
    api.GET('/v1/webhooks/{id}/deliveries', {
      params: { path: { id }, query: { status, cursor, limit: 50 } },
      signal,
    }),
  );
}

export function readDelivery(id: string, deliveryId: string, signal?: AbortSignal): Promise<DeliveryDetail> {
  return answered(
    api.GET('/v1/webhooks/{id}/deliveries/{delivery_id}', {
      params: { path: { id, delivery_id: deliveryId } },
      signal,
    }),
  );
}

export async function replayDelivery(id: string, deliveryId: string): Promise<void> {
  await answered(
    api.POST('/v1/webhooks/{id}/deliveries/{delivery_id}/replay', {
      params: { path: { id, delivery_id: deliveryId } },
    }),
  );
}
