import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited, CommitsItself } from '../../audit-log/audited.decorator.js';
import { NeedsSudo } from '../../credentials/needs-sudo.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { PageQuery } from '../../platform/pagination/page.dto.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { FromBrowser, type Browser } from '../sessions/browser.js';
import { Enrolments } from './enrolments.js';
import { PasskeysService } from './passkeys.service.js';
import {
  AddPasskeyDto,
  ConfirmTotpDto,
  NewPasskeyDto,
  OPTIONS_ANSWER,
  PasskeyPage,
  RecoveryCodesDto,
  TotpOfferDto,
} from './second-factors.dto.js';
import { TotpService } from './totp.service.js';

@ApiTags('Account')
@Controller('v1/account')
export class SecondFactorsController {
  constructor(
    private readonly totp: TotpService,
    private readonly passkeys: PasskeysService,
    private readonly enrolments: Enrolments,
  ) {}

  /** Begin with an authenticator app; its secret is shown in this answer only. You must have confirmed that it is you. */
  @Post('totp')
  @HttpCode(200)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.challenge')
  @ApiOkResponse({ type: TotpOfferDto })
  @Fails(409)
  offerTotp(@Caller() caller: Principal, @Event() event: AuditDraft): Promise<TotpOfferDto> {
    return this.totp.offer(caller, event);
  }

  /** Show that the app works; from now on it is asked for. Ends all your other sessions, and sets a new cookie. */
  @Post('totp/confirm')
  @HttpCode(200)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.mfa_enroll')
  @CommitsItself()
  @ApiOkResponse({ type: RecoveryCodesDto })
  @Fails(400, 409)
  confirmTotp(
    @Caller() caller: Principal,
    @Body() body: ConfirmTotpDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<RecoveryCodesDto> {
    return this.totp.confirm(caller, body, browser, event);
  }

  /** Remove the authenticator app. Ends all your other sessions, and sets a new cookie. */
  @Delete('totp')
  @HttpCode(204)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.mfa_remove')
  @ApiNoContentResponse({ description: 'Removed' })
  @Fails(404)
  removeTotp(
    @Caller() caller: Principal,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.totp.remove(caller, browser, event);
  }

  /** Make new recovery codes, shown in this answer only; those of before are worth nothing any more. */
  @Post('recovery-codes')
  @HttpCode(200)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.recovery_codes')
  @ApiOkResponse({ type: RecoveryCodesDto })
  @Fails(409)
  renewRecoveryCodes(@Caller() caller: Principal, @Event() event: AuditDraft): Promise<RecoveryCodesDto> {
    return this.enrolments.renewCodes(caller, event);
  }

  /** Ask for the options for making a passkey. You must have confirmed that it is you. */
  @Post('passkeys/options')
  @HttpCode(200)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.challenge')
  @ApiOkResponse(OPTIONS_ANSWER)
  @Fails(409)
  passkeyOptions(
    @Caller() caller: Principal,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<object> {
    return this.passkeys.creationOptions(caller, browser, event);
  }

  /** Add a passkey. Ends all your other sessions, and sets a new cookie. */
  @Post('passkeys')
  @Requires('session')
  @NeedsSudo()
  @Audited('session.mfa_enroll')
  @ApiCreatedResponse({ type: NewPasskeyDto })
  @Fails(400, 409)
  addPasskey(
    @Caller() caller: Principal,
    @Body() body: AddPasskeyDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<NewPasskeyDto> {
    return this.passkeys.add(caller, body, browser, event);
  }

  /** List your passkeys. */
  @Get('passkeys')
  @Requires('session')
  @Audited('account.read')
  @ApiOkResponse({ type: PasskeyPage })
  @Fails(400)
  listPasskeys(@Caller() caller: Principal, @Query() query: PageQuery): Promise<PasskeyPage> {
    return this.passkeys.list(caller, query);
  }

  /** Remove a passkey. Ends all your other sessions, and sets a new cookie. */
  @Delete('passkeys/:id')
  @HttpCode(204)
  @Requires('session')
  @NeedsSudo()
  @Audited('session.mfa_remove')
  @ApiNoContentResponse({ description: 'Removed' })
  @Fails(404)
  removePasskey(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.passkeys.remove(caller, id, browser, event);
  }
}
