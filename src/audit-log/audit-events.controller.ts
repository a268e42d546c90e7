import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { Event, type AuditDraft } from './audit-draft.js';
import { AuditActionList, AuditEventDto, AuditEventPage } from './audit-events.dto.js';
import { AuditEventsService } from './audit-events.service.js';
import { Audited } from './audited.decorator.js';
import { ListAuditEventsQuery, LogQuery } from './list-audit-events.dto.js';
import { EventStatsDto, EventStatsQuery } from './reading/event-stats.dto.js';
import { EventStatsService } from './reading/event-stats.service.js';
import { SearchBySecretDto, SecretSearchPage } from './reading/search-by-secret.dto.js';
import { SearchBySecretService } from './reading/search-by-secret.service.js';

@ApiTags('Audit log')
@Controller('v1/audit-events')
export class AuditEventsController {
  constructor(
    private readonly events: AuditEventsService,
    private readonly stats: EventStatsService,
    private readonly secrets: SearchBySecretService,
  ) {}

  /** List audit events, newest first unless asked otherwise. */
  @Get()
  @Requires('audit:read')
  @Audited('audit.list')
  @ApiOkResponse({ type: AuditEventPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: ListAuditEventsQuery): Promise<AuditEventPage> {
    return this.events.list(caller, query);
  }

  /** List the actions an event can name. */
  @Get('actions')
  @Requires('audit:read')
  @Audited('audit.read')
  @ApiOkResponse({ type: AuditActionList })
  actions(): AuditActionList {
    return this.events.actions();
  }

  /** Count decisions by minute, hour or day, for charts; `from` and `to` are widened to whole ones, in UTC. */
  @Get('stats')
  @Requires('audit:read')
  @Audited('audit.stats')
  @ApiOkResponse({ type: EventStatsDto })
  @Fails(400)
  count(@Caller() caller: Principal, @Query() query: EventStatsQuery): Promise<EventStatsDto> {
    return this.stats.count(caller, query);
  }

  /**
   * Find what was done with a secret value that has leaked. An unknown value and one of another workspace or environment
   * get the same answer.
   */
  @Post('search-by-secret')
  @HttpCode(200)
  @Requires('audit:read')
  @Audited('audit.search')
  @ApiOkResponse({ type: SecretSearchPage })
  @Fails(400)
  searchBySecret(
    @Caller() caller: Principal,
    @Body() body: SearchBySecretDto,
    @Event() event: AuditDraft,
  ): Promise<SecretSearchPage> {
    return this.secrets.search(caller, body, event);
  }

  /** Read an audit event. */
  @Get(':id')
  @Requires('audit:read')
  @Audited('audit.read')
  @ApiOkResponse({ type: AuditEventDto })
  @Fails(400, 404)
  read(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query() query: LogQuery,
    @Event() event: AuditDraft,
  ): Promise<AuditEventDto> {
    return this.events.read(caller, id, query, event);
  }
}
