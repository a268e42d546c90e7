import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited } from '../../audit-log/audited.decorator.js';
import { NeedsSudo } from '../../credentials/needs-sudo.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { PageQuery } from '../../platform/pagination/page.dto.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { MemberDto, MemberPage, UpdateMemberDto } from './members.dto.js';
import { MembersService } from './members.service.js';

@ApiTags('Members')
@Controller('v1/members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  /** List the people of the workspace. */
  @Get()
  @Requires('api_key')
  @Audited('member.list')
  @ApiOkResponse({ type: MemberPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<MemberPage> {
    return this.members.list(caller, query);
  }

  /** Change what a person may do, from their next request on. A person must have confirmed that it is they. */
  @Patch(':id')
  @Requires('api_key')
  @NeedsSudo()
  @Audited('member.update')
  @ApiOkResponse({ type: MemberDto })
  @Fails(400, 404, 409)
  update(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: UpdateMemberDto,
    @Event() event: AuditDraft,
  ): Promise<MemberDto> {
    return this.members.update(caller, id, body, event);
  }

  /** Remove a person from the workspace; the last owner stays. A person must have confirmed that it is they. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('api_key')
  @NeedsSudo()
  @Audited('member.remove')
  @ApiNoContentResponse({ description: 'Removed' })
  @Fails(404, 409)
  remove(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<void> {
    return this.members.remove(caller, id, event);
  }
}
