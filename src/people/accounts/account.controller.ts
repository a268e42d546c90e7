import { Body, Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited, CommitsItself } from '../../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Public } from '../../platform/context/route-policy.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { FromBrowser, type Browser } from '../sessions/browser.js';
import { AccountDto, ChangePasswordDto, ResetPasswordDto, UpdateAccountDto } from './account.dto.js';
import { AccountService } from './account.service.js';
import { PersonDto } from './person.dto.js';

@ApiTags('Account')
@Controller('v1/account')
export class AccountController {
  constructor(private readonly accounts: AccountService) {}

  /** Read your account, and what it is protected by. */
  @Get()
  @Requires('session')
  @Audited('account.read')
  @ApiOkResponse({ type: AccountDto })
  read(@Caller() caller: Principal): Promise<AccountDto> {
    return this.accounts.read(caller);
  }

  /** Change what you are called. */
  @Patch()
  @Requires('session')
  @Audited('account.update')
  @ApiOkResponse({ type: PersonDto })
  @Fails(400)
  update(
    @Caller() caller: Principal,
    @Body() body: UpdateAccountDto,
    @Event() event: AuditDraft,
  ): Promise<PersonDto> {
    return this.accounts.update(caller, body, event);
  }

  /** Change your password; ends all your other sessions, and sets a new cookie. */
  @Post('password')
  @HttpCode(204)
  @Requires('session')
  @Audited('session.password_change')
  @CommitsItself()
  @ApiNoContentResponse({ description: 'Changed' })
  @Fails(400)
  changePassword(
    @Caller() caller: Principal,
    @Body() body: ChangePasswordDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<void> {
    return this.accounts.changePassword(caller, body, browser, event);
  }

  /** Replace a forgotten password, with a link that the command line has made; ends all sessions. */
  @Post('password/reset')
  @HttpCode(204)
  @Public()
  @Audited('session.password_reset')
  @CommitsItself()
  @ApiNoContentResponse({ description: 'Replaced' })
  @Fails(400, 404)
  resetPassword(@Body() body: ResetPasswordDto, @Event() event: AuditDraft): Promise<void> {
    return this.accounts.resetPassword(body, event);
  }
}
