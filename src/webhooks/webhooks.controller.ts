import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { PageQuery } from '../platform/pagination/page.dto.js';
import { Requires } from '../scopes/requires.decorator.js';
import { WebhooksService } from './webhooks.service.js';
import {
  CreateWebhookDto,
  NewWebhookDto,
  UpdateWebhookDto,
  WebhookDto,
  WebhookPage,
} from './webhooks.dto.js';

/** Managed with API keys only; each of the environment of the calling key. */
@ApiTags('Webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  /** Create a webhook; its signing secret is shown in this answer only. It is told of what happens from now on. */
  @Post()
  @Requires('api_key')
  @Audited('webhook.create')
  @ApiCreatedResponse({ type: NewWebhookDto })
  @Fails(400, 409)
  create(
    @Caller() caller: Principal,
    @Body() body: CreateWebhookDto,
    @Event() event: AuditDraft,
  ): Promise<NewWebhookDto> {
    return this.webhooks.create(caller, body, event);
  }

  /** List webhooks, newest first. */
  @Get()
  @Requires('api_key')
  @Audited('webhook.list')
  @ApiOkResponse({ type: WebhookPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<WebhookPage> {
    return this.webhooks.list(caller, query);
  }

  /** Read a webhook. */
  @Get(':id')
  @Requires('api_key')
  @Audited('webhook.read')
  @ApiOkResponse({ type: WebhookDto })
  @Fails(404)
  read(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<WebhookDto> {
    return this.webhooks.read(caller, id, event);
  }

  /** Change a webhook. */
  @Patch(':id')
  @Requires('api_key')
  @Audited('webhook.update')
  @ApiOkResponse({ type: WebhookDto })
  @Fails(400, 404)
  update(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: UpdateWebhookDto,
    @Event() event: AuditDraft,
  ): Promise<WebhookDto> {
    return this.webhooks.update(caller, id, body, event);
  }

  /** Delete a webhook, with what is queued for it and what is known of its deliveries. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('api_key')
  @Audited('webhook.delete')
  @ApiNoContentResponse({ description: 'Deleted' })
  @Fails(404)
  remove(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<void> {
    return this.webhooks.remove(caller, id, event);
  }

  /** Give a webhook a new signing secret, shown in this answer only; for 24 hours notices are signed with both. */
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Requires('api_key')
  @Audited('webhook.rotate_secret')
  @ApiOkResponse({ type: NewWebhookDto })
  @Fails(400, 404)
  rotateSecret(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<NewWebhookDto> {
    return this.webhooks.rotateSecret(caller, id, event);
  }
}
