import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryDetailDto, DeliveryDto, DeliveryPage, ListDeliveriesQuery } from './deliveries.dto.js';

/** What was sent, and what became of it. */
@ApiTags('Webhooks')
@Controller('v1/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /** Queue a test notice, of type `webhook.test`; it is sent like any other. */
  @Post('test')
  @HttpCode(202)
  @Requires('api_key')
  @Audited('webhook.test')
  @ApiAcceptedResponse({ type: DeliveryDto })
  @Fails(400, 404)
  test(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<DeliveryDto> {
    return this.deliveries.test(caller, id, event);
  }

  /** List the deliveries of a webhook, newest first. */
  @Get('deliveries')
  @Requires('api_key')
  @Audited('webhook.read')
  @ApiOkResponse({ type: DeliveryPage })
  @Fails(400, 404)
  list(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query() query: ListDeliveriesQuery,
    @Event() event: AuditDraft,
  ): Promise<DeliveryPage> {
    return this.deliveries.list(caller, id, query, event);
  }

  /** Read a delivery, with its attempts and what is sent. */
  @Get('deliveries/:delivery_id')
  @Requires('api_key')
  @Audited('webhook.read')
  @ApiOkResponse({ type: DeliveryDetailDto })
  @Fails(404)
  read(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Param('delivery_id') deliveryId: string,
    @Event() event: AuditDraft,
  ): Promise<DeliveryDetailDto> {
    return this.deliveries.read(caller, id, deliveryId, event);
  }

  /** Deliver a notice once more, whatever became of it; with the same `webhook-id`, by which receivers know it. */
  @Post('deliveries/:delivery_id/replay')
  @HttpCode(202)
  @Requires('api_key')
  @Audited('webhook.replay')
  @ApiAcceptedResponse({ type: DeliveryDto })
  @Fails(400, 404)
  replay(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Param('delivery_id') deliveryId: string,
    @Event() event: AuditDraft,
  ): Promise<DeliveryDto> {
    return this.deliveries.replay(caller, id, deliveryId, event);
  }
}
