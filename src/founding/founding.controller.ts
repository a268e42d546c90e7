import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { CreateWorkspaceDto, NewWorkspaceDto } from './founding.dto.js';
import { FoundingService } from './founding.service.js';

@ApiTags('Workspace')
@Controller('v1/workspaces')
export class FoundingController {
  constructor(private readonly founding: FoundingService) {}

  /**
   * Create a workspace with its first API key, shown in this answer only. For live keys of the operator workspace; and
   * for owners, who then own it and get no key.
   */
  @Post()
  @Requires('operator')
  @Audited('workspace.create')
  @ApiCreatedResponse({ type: NewWorkspaceDto })
  @Fails(400)
  create(
    @Caller() caller: Principal,
    @Body() body: CreateWorkspaceDto,
    @Event() event: AuditDraft,
  ): Promise<NewWorkspaceDto> {
    return this.founding.found(caller, body.name, event);
  }
}
