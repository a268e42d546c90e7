import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { NeedsSudo } from '../credentials/needs-sudo.decorator.js';
import { OwnsApiKeyField } from '../credentials/owns-api-key-field.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { PageQuery } from '../platform/pagination/page.dto.js';
import { Requires } from '../scopes/requires.decorator.js';
import { ApiKeysService } from './api-keys.service.js';
import {
  ApiKeyDto,
  ApiKeyPage,
  CreateApiKeyDto,
  NewApiKeyDto,
  RevokeApiKeyDto,
  UpdateApiKeyDto,
} from './api-keys.dto.js';

/**
 * Managed with API keys, and by owners and admins who have just confirmed that it is they; a token is refused
 * whatever its scopes (contract §4).
 */
@ApiTags('API keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  /** Create an API key; its value is shown in this answer only. */
  @Post()
  @Requires('api_key')
  @NeedsSudo()
  @Audited('api_key.create')
  @ApiCreatedResponse({ type: NewApiKeyDto })
  @Fails(400)
  create(
    @Caller() caller: Principal,
    @Body() body: CreateApiKeyDto,
    @Event() event: AuditDraft,
  ): Promise<NewApiKeyDto> {
    return this.keys.create(caller, body, event);
  }

  /** List API keys, newest first. */
  @Get()
  @Requires('api_key')
  @Audited('api_key.list')
  @ApiOkResponse({ type: ApiKeyPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<ApiKeyPage> {
    return this.keys.list(caller, query);
  }

  /** Stop an API key of this workspace by its value; the answer is the same whether it is known or not. */
  @Post('revoke')
  @HttpCode(204)
  @OwnsApiKeyField()
  @Requires('api_key')
  @NeedsSudo()
  @Audited('api_key.revoke')
  @ApiNoContentResponse({ description: 'Stopped, or never known' })
  @Fails(400)
  revoke(
    @Caller() caller: Principal,
    @Body() body: RevokeApiKeyDto,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.keys.revoke(caller, body, event);
  }

  /** Read an API key. */
  @Get(':id')
  @Requires('api_key')
  @Audited('api_key.read')
  @ApiOkResponse({ type: ApiKeyDto })
  @Fails(404)
  read(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<ApiKeyDto> {
    return this.keys.read(caller, id, event);
  }

  /** Rename an API key. */
  @Patch(':id')
  @Requires('api_key')
  @Audited('api_key.update')
  @ApiOkResponse({ type: ApiKeyDto })
  @Fails(400, 404)
  update(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: UpdateApiKeyDto,
    @Event() event: AuditDraft,
  ): Promise<ApiKeyDto> {
    return this.keys.rename(caller, id, body, event);
  }

  /** Give an API key a new value, shown in this answer only; the old one is dead at once, on every instance. */
  @Post(':id/regenerate')
  @HttpCode(200)
  @Requires('api_key')
  @NeedsSudo()
  @Audited('api_key.regenerate')
  @ApiOkResponse({ type: NewApiKeyDto })
  @Fails(400, 404)
  regenerate(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<NewApiKeyDto> {
    return this.keys.regenerate(caller, id, event);
  }

  /** Delete an API key; dead at once. Tokens issued with it outlive it, and so does its history. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('api_key')
  @NeedsSudo()
  @Audited('api_key.delete')
  @ApiNoContentResponse({ description: 'Deleted' })
  @Fails(404)
  remove(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<void> {
    return this.keys.remove(caller, id, event);
  }
}
