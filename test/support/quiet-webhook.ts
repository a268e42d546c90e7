import type { Caller } from './caller.js';

/** A webhook with a delivery, which nothing is sent to: it is disabled, and its name leads nowhere (RFC 6761 §6.5). */
export async function quietWebhook(by: Caller): Promise<{ id: string; delivery: string }> {
  const body = { url: 'https://hooks.acme.example/', enabled: false };
  const { id } = (await by.post<{ id: string }>('/v1/webhooks', body)).body;
  const test = await by.post<{ id: string }>(`/v1/webhooks/${id}/test`);
  return { id, delivery: test.body.id };
}
