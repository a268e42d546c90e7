import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited, CommitsItself } from '../audit-log/audited.decorator.js';
import { FromBrowser, type Browser } from '../people/sessions/browser.js';
import { SignInAnswer } from '../people/sessions/sign-in.dto.js';
import { Public } from '../platform/context/route-policy.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { SetupDto, SetupStateDto, SignUpDto } from './setup.dto.js';
import { SetupService } from './setup.service.js';
import { SignUpService } from './sign-up.service.js';

@ApiTags('Account')
@Controller('v1')
export class SetupController {
  constructor(
    private readonly setups: SetupService,
    private readonly signUps: SignUpService,
  ) {}

  /** Read whether the first owner is still to be made, and whether anybody may sign up. */
  @Get('setup')
  @Public()
  @Audited('setup.read')
  @ApiOkResponse({ type: SetupStateDto })
  read(): Promise<SetupStateDto> {
    return this.setups.read();
  }

  /** Make the first owner, with the link that the terminal has shown; signs in like `POST /v1/session`. */
  @Post('setup')
  @Public()
  @Audited('setup.complete')
  @CommitsItself()
  @ApiCreatedResponse({ type: SignInAnswer })
  @Fails(400, 404, 409)
  complete(
    @Body() body: SetupDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.setups.complete(body, browser, event);
  }

  /** Sign up, with a workspace of your own; signs in like `POST /v1/session`. Where sign-up is closed this is a 404. */
  @Post('signup')
  @Public()
  @Audited('account.signup')
  @CommitsItself()
  @ApiCreatedResponse({ type: SignInAnswer })
  @Fails(400, 404, 409)
  signUp(
    @Body() body: SignUpDto,
    @FromBrowser() browser: Browser,
    @Event() event: AuditDraft,
  ): Promise<SignInAnswer> {
    return this.signUps.signUp(body, browser, event);
  }
}
