import { Body, Controller, Get, Patch, Req } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { UpdateWorkspaceDto, WorkspaceDto } from './workspaces.dto.js';
import { WorkspacesService } from './workspaces.service.js';

@ApiTags('Workspace')
@Controller('v1/workspace')
export class WorkspacesController {
  constructor(private readonly workspaces: WorkspacesService) {}

  /** Read the caller's workspace and its policies. */
  @Get()
  @Requires('member')
  @Audited('workspace.read')
  @ApiOkResponse({ type: WorkspaceDto })
  read(@Caller() caller: Principal, @Event() event: AuditDraft): Promise<WorkspaceDto> {
    return this.workspaces.read(caller, event);
  }

  /** Change the workspace's name or policies. A policy never breaks a token that exists. */
  @Patch()
  @Requires('api_key')
  @Audited('workspace.update')
  @ApiOkResponse({ type: WorkspaceDto })
  @Fails(400)
  update(
    @Caller() caller: Principal,
    @Body() body: UpdateWorkspaceDto,
    @Event() event: AuditDraft,
    @Req() { facts }: FastifyRequest,
  ): Promise<WorkspaceDto> {
    return this.workspaces.update(caller, body, facts?.ip ?? '', event);
  }
}
