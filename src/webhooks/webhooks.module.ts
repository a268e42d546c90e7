import { Module } from '@nestjs/common';
import { Deliverer } from './deliverer.js';
import { DeliveriesService } from './deliveries.service.js';
import { DueDeliveries } from './due-deliveries.js';
import { Follower } from './follower.js';
import { NamedThings } from './named-things.js';
import { OldDeliveries } from './old-deliveries.js';
import { Queue } from './queue.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookSeal } from './webhook-seal.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** Tells workspaces what happens to their tokens and keys. */
@Module({
  controllers: [WebhooksController, WebhookDeliveriesController],
  providers: [
    WebhooksService,
    DeliveriesService,
    WebhookSeal,
    NamedThings,
    Queue,
    Follower,
    DueDeliveries,
    Deliverer,
    OldDeliveries,
    WebhookMetrics,
  ],
})
export class WebhooksModule {}
