import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { PageQuery } from '../platform/pagination/page.dto.js';
import { Requires } from './requires.decorator.js';
import { CreateScopeDto, ScopeDto, ScopePage, UpdateScopeDto } from './scopes.dto.js';
import { ScopesService } from './scopes.service.js';

@ApiTags('Scopes')
@Controller('v1/scopes')
export class ScopesController {
  constructor(private readonly scopes: ScopesService) {}

  /** List the workspace's own scopes, by name. */
  @Get()
  @Requires('scopes:read')
  @Audited('scope.list')
  @ApiOkResponse({ type: ScopePage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<ScopePage> {
    return this.scopes.list(caller, query);
  }

  /** Add a scope to the catalogue. */
  @Post()
  @Requires('scopes:write')
  @Audited('scope.create')
  @ApiCreatedResponse({ type: ScopeDto })
  @Fails(400, 409)
  create(
    @Caller() caller: Principal,
    @Body() body: CreateScopeDto,
    @Event() event: AuditDraft,
  ): Promise<ScopeDto> {
    return this.scopes.create(caller, body, event);
  }

  /** Describe a scope. */
  @Patch(':name')
  @Requires('scopes:write')
  @Audited('scope.update')
  @ApiOkResponse({ type: ScopeDto })
  @Fails(400, 404)
  update(
    @Caller() caller: Principal,
    @Param('name') name: string,
    @Body() body: UpdateScopeDto,
    @Event() event: AuditDraft,
  ): Promise<ScopeDto> {
    return this.scopes.update(caller, name, body, event);
  }

  /** Take a scope out of the catalogue; tokens that carry it keep it. */
  @Delete(':name')
  @HttpCode(204)
  @Requires('scopes:write')
  @Audited('scope.delete')
  @ApiNoContentResponse({ description: 'Taken out' })
  @Fails(404)
  remove(
    @Caller() caller: Principal,
    @Param('name') name: string,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.scopes.remove(caller, name, event);
  }
}
