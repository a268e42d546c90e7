import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { Event, type AuditDraft } from './audit-draft.js';
import { AuditActionList, AuditEventDto, AuditEventPage } from './audit-events.dto.js';
import { AuditEventsService } from './audit-events.service.js';
import { Audited } from './audited.decorator.js';
import { ListAuditEventsQuery, LogQuery } from './list-audit-events.dto.js';

@ApiTags('Audit log')
@Controller('v1/audit-events')
export class AuditEventsController {
  constructor(private readonly events: AuditEventsService) {}

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
