import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited, CommitsItself } from '../../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Public } from '../../platform/context/route-policy.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { PageQuery } from '../../platform/pagination/page.dto.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { FromBrowser, type Browser } from './browser.js';
import { SessionPage } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';
import { PasskeysService } from '../second-factors/passkeys.service.js';
import { OPTIONS_ANSWER } from '../second-factors/second-factors.dto.js';
import { ConfirmationService } from './confirmation.service.js';
import {
  ConfirmDto,
  ConfirmedDto,
  CurrentSessionDto,
  PasskeySignInDto,
  SecondFactorDto,
  SignInAnswer,
  SignInDto,
} from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('Session')
@Controller('v1')
export class SessionController {
  constructor(
    private readonly signIns: SignInService,
    private readonly confirmations: ConfirmationService,
    private readonly passkeys: PasskeysService,
    private readonly sessions: SessionsService,
  ) {}

  /** Sign in with a password; sets the cookie of a new session, or asks for a second factor. */
  @Post('session')
  @HttpCode(200)
  @Public()
  @Audited('session.login')
  @CommitsItself()
  @ApiOkResponse({ type: SignInAnswer })
  @Fails(400, 401)
  signIn(
    @Body() body: SignInDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.signIns.signIn(body, browser, event);
  }

  /** Finish signing in with the second factor; each proof is taken once. */
  @Post('session/second-factor')
  @HttpCode(200)
  @Public()
  @Audited('session.login')
  @CommitsItself()
  @ApiOkResponse({ type: SignInAnswer })
  @Fails(400, 401)
  finish(
    @Body() body: SecondFactorDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.signIns.finish(body, browser, event);
  }

  /** Ask for the options for using a passkey. It signs in, is a second factor, or confirms that it is you. */
  @Post('session/passkey/options')
  @HttpCode(200)
  @Public()
  @Audited('session.challenge')
  @ApiOkResponse(OPTIONS_ANSWER)
  @Fails(400)
  passkeyOptions(@FromBrowser() browser: Browser, @Event() event: AuditDraft): Promise<object> {
    return this.passkeys.requestOptions(browser, event);
  }

  /** Sign in with a passkey alone. */
  @Post('session/passkey')
  @HttpCode(200)
  @Public()
  @Audited('session.login')
  @CommitsItself()
  @ApiOkResponse({ type: SignInAnswer })
  @Fails(400, 401)
  signInByPasskey(
    @Body() body: PasskeySignInDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.signIns.signInByPasskey(body, browser, event);
  }

  /** Read who is signed in, in which workspace and as what. */
  @Get('session')
  @Requires('session')
  @Audited('session.read')
  @ApiOkResponse({ type: CurrentSessionDto })
  read(@Caller() caller: Principal): Promise<CurrentSessionDto> {
    return this.signIns.read(caller);
  }

  /** Sign out; the cookie is worth nothing from then on. */
  @Delete('session')
  @HttpCode(204)
  @Requires('session')
  @Audited('session.logout')
  @ApiNoContentResponse({ description: 'Signed out' })
  signOut(
    @Caller() caller: Principal,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.sessions.signOut(caller, browser, event);
  }

  /** Confirm that it is you; for ten minutes what needs that is done without asking again. Sets a new cookie. */
  @Post('session/sudo')
  @HttpCode(200)
  @Requires('session')
  @Audited('session.sudo')
  @CommitsItself()
  @ApiOkResponse({ type: ConfirmedDto })
  @Fails(400)
  confirm(
    @Caller() caller: Principal,
    @Body() body: ConfirmDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<ConfirmedDto> {
    return this.confirmations.confirm(caller, body, browser, event);
  }

  /** List the browsers in which you are signed in. */
  @Get('sessions')
  @Requires('session')
  @Audited('session.list')
  @ApiOkResponse({ type: SessionPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<SessionPage> {
    return this.sessions.list(caller, query);
  }

  /** End one of your sessions. */
  @Delete('sessions/:id')
  @HttpCode(204)
  @Requires('session')
  @Audited('session.revoke')
  @ApiNoContentResponse({ description: 'Ended' })
  @Fails(404)
  revoke(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<void> {
    return this.sessions.revoke(caller, id, event);
  }
}
