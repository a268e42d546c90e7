import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited, CommitsItself } from '../../audit-log/audited.decorator.js';
import { NeedsSudo } from '../../credentials/needs-sudo.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Public } from '../../platform/context/route-policy.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { PageQuery } from '../../platform/pagination/page.dto.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { FromBrowser, type Browser } from '../sessions/browser.js';
import { SignInAnswer } from '../sessions/sign-in.dto.js';
import { AcceptanceService } from './acceptance.service.js';
import {
  AcceptInvitationDto,
  InvitationPage,
  InvitedDto,
  InviteDto,
  NewInvitationDto,
  ReadInvitationDto,
} from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';

@ApiTags('Members')
@Controller('v1')
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly acceptances: AcceptanceService,
  ) {}

  /** Invite a person; the link is shown in this answer only. A person must have confirmed that it is they. */
  @Post('members/invitations')
  @Requires('api_key')
  @NeedsSudo()
  @Audited('member.invite')
  @ApiCreatedResponse({ type: NewInvitationDto })
  @Fails(400, 409)
  invite(
    @Caller() caller: Principal,
    @Body() body: InviteDto,
    @Event() event: AuditDraft,
  ): Promise<NewInvitationDto> {
    return this.invitations.invite(caller, body, event);
  }

  /** List the invitations that are still open. */
  @Get('members/invitations')
  @Requires('api_key')
  @Audited('invitation.list')
  @ApiOkResponse({ type: InvitationPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<InvitationPage> {
    return this.invitations.list(caller, query);
  }

  /** Take an invitation back. */
  @Delete('members/invitations/:id')
  @HttpCode(204)
  @Requires('api_key')
  @Audited('invitation.revoke')
  @ApiNoContentResponse({ description: 'Taken back' })
  @Fails(404)
  revoke(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<void> {
    return this.invitations.revoke(caller, id, event);
  }

  /** Read what an invitation is to; for who has its link. */
  @Post('invitations/read')
  @HttpCode(200)
  @Public()
  @Audited('invitation.read')
  @ApiOkResponse({ type: InvitedDto })
  @Fails(400, 404)
  read(@Body() body: ReadInvitationDto, @Event() event: AuditDraft): Promise<InvitedDto> {
    return this.acceptances.read(body.token, event);
  }

  /** Accept an invitation, with a new account or with the one there is; signs in like `POST /v1/session`. */
  @Post('invitations/accept')
  @HttpCode(200)
  @Public()
  @Audited('member.join')
  @CommitsItself()
  @ApiOkResponse({ type: SignInAnswer })
  @Fails(400, 401, 404, 409)
  accept(
    @Body() body: AcceptInvitationDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.acceptances.accept(body, browser, event);
  }
}
