import { until } from '../support/product.js';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

/** Receivers of tests are on loopback. */
export const ALLOWED = { TOOKEN_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' };

export interface DeliveryJson {
  id: string;
  webhook_id: string;
  type: string;
  event_id: string;
  status: 'pending' | 'delivered' | 'failed';
  next_attempt_at: string | null;
  last_attempt: { at: string; status: number | null; duration_ms: number; error: string | null } | null;
}

export function startWorld(options: Parameters<typeof World.start>[0] = {}): Promise<World> {
  return World.start({ ...options, env: { ...ALLOWED, ...options.env } });
}

/** A new webhook; `secret` is what it signs with. */
export async function webhook(
  by: Caller,
  url: string,
  body: object = {},
): Promise<Json & { secret: string }> {
  const answer = await by.post<Json & { secret: string }>('/v1/webhooks', { url, ...body });
  if (answer.status !== 201) throw new Error(`expected 201, got ${String(answer.status)}: ${answer.text}`);
  return answer.body;
}

export async function deliveries(by: Caller, id: string, query = ''): Promise<DeliveryJson[]> {
  const { body } = await by.get<{ data: DeliveryJson[] }>(`/v1/webhooks/${id}/deliveries?limit=100${query}`);
  return body.data;
}

/** Waits until the only delivery of the webhook is as wanted, and returns it. */
export async function delivery(
  by: Caller,
  id: string,
  isAsWanted: (delivery: DeliveryJson) => boolean,
): Promise<DeliveryJson> {
  let found: DeliveryJson[] = [];
  await until(async () => {
    found = await deliveries(by, id);
    return found.length === 1 && isAsWanted(found[0]!);
  });
  return found[0]!;
}

/** Waits until all that has happened has been looked at, and what was to be told is queued. */
export async function followed(world: World): Promise<void> {
  await until(async () => {
    const waiting = await world.database.query('select from audit_pending limit 1');
    const behind = await world.database.query(
      `select from webhook_cursors c join audit_trees t on t.workspace_id = c.workspace_id
        where t.size > c.next_index
          and exists (select from webhooks w where w.workspace_id = c.workspace_id and w.enabled)`,
    );
    return waiting.length === 0 && behind.length === 0;
  });
}
