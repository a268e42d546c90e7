import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import { findWebhook, own } from './find-webhook.js';
import { TEST_NOTICE } from './notice-types.js';
import { testPayload } from './payload.js';
import { Queue } from './queue.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import type { Webhook } from './webhook.entity.js';
import {
  renderDelivery,
  renderDeliveryDetail,
  type DeliveryDetailDto,
  type DeliveryDto,
  type DeliveryPage,
  type ListDeliveriesQuery,
} from './deliveries.dto.js';

/** What was sent to a webhook and what became of it; and to send it again. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly queue: Queue,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async list(
    caller: Principal,
    webhookId: string,
    query: ListDeliveriesQuery,
    event: AuditDraft,
  ): Promise<DeliveryPage> {
    const { limit, cursor, status } = query;
    const filters = ['deliveries', caller.workspace.id, caller.environment, webhookId, status];
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, filters)[0];
    const webhook = await findWebhook(this.database, caller, webhookId, event);
    const rows = await this.database.rows(WebhookDelivery).find({
      where: {
        ...of(caller, webhook),
        ...(status !== undefined && { status }),
        ...(after !== undefined && { id: LessThan(after) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const { data, next_cursor } = page(rows, limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map(renderDelivery), next_cursor };
  }

  async read(
    caller: Principal,
    webhookId: string,
    deliveryId: string,
    event: AuditDraft,
  ): Promise<DeliveryDetailDto> {
    const webhook = await findWebhook(this.database, caller, webhookId, event);
    return renderDeliveryDetail(await this.find(caller, webhook, deliveryId, event));
  }

  /** Queues a notice that says nothing but that it arrived. */
  async test(caller: Principal, webhookId: string, event: AuditDraft): Promise<DeliveryDto> {
    const webhook = await findWebhook(this.database, caller, webhookId, event, 'unchanged');
    const { workspaceId, environment } = webhook;
    const [id] = await this.queue.insert([
      {
        webhookId,
        workspaceId,
        environment,
        type: TEST_NOTICE,
        eventId: event.id,
        occasion: event.id,
        payload: testPayload(workspaceId, environment, webhookId, event.id, event.at),
        isDue: webhook.enabled,
      },
    ]);
    return renderDelivery(await this.find(caller, webhook, id!, event));
  }

  /** The same notice once more, whatever became of it, and all attempts anew. */
  async replay(
    caller: Principal,
    webhookId: string,
    deliveryId: string,
    event: AuditDraft,
  ): Promise<DeliveryDto> {
    const webhook = await findWebhook(this.database, caller, webhookId, event, 'unchanged');
    await this.find(caller, webhook, deliveryId, event);
    await this.database.rows(WebhookDelivery).update(
      { id: deliveryId, ...of(caller, webhook) },
      // A webhook that is disabled gets it when it is enabled.
      { status: 'pending', tries: 0, nextAttemptAt: webhook.enabled ? new Date(this.clock.now()) : null },
    );
    return renderDelivery(await this.find(caller, webhook, deliveryId, event));
  }

  private async find(
    caller: Principal,
    webhook: Webhook,
    id: string,
    event: AuditDraft,
  ): Promise<WebhookDelivery> {
    if (!isHandle('whd', id)) throw Problem.notFound();
    event.details = { delivery_id: id };
    const row = await this.database.rows(WebhookDelivery).findOneBy({ id, ...of(caller, webhook) });
    if (row === null) throw Problem.notFound();
    event.details.type = row.type;
    return row;
  }
}

function of(caller: Principal, { id }: Webhook): object {
  return { ...own(caller), webhookId: id };
}
