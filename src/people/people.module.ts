import { Module } from '@nestjs/common';
import { AccountController } from './accounts/account.controller.js';
import { AccountService } from './accounts/account.service.js';
import { PeopleService } from './accounts/people.service.js';
import { AcceptanceService } from './invitations/acceptance.service.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OneTimeLinks } from './links/one-time-links.js';
import { MembersController } from './members/members.controller.js';
import { MembersService } from './members/members.service.js';
import { Enrolments } from './second-factors/enrolments.js';
import { FactorsService } from './second-factors/factors.service.js';
import { PasskeysService } from './second-factors/passkeys.service.js';
import { RecoveryCodes } from './second-factors/recovery-codes.service.js';
import { RelyingParty } from './second-factors/relying-party.js';
import { SecondFactorsController } from './second-factors/second-factors.controller.js';
import { TotpService } from './second-factors/totp.service.js';
import { AttemptsService } from './sessions/attempts.service.js';
import { ConfirmationService } from './sessions/confirmation.service.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionLookup } from './sessions/session-lookup.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService } from './sessions/sign-in.service.js';

/** People: who they are, how they sign in, and what they belong to. */
@Module({
  controllers: [
    SessionController,
    AccountController,
    SecondFactorsController,
    InvitationsController,
    MembersController,
  ],
  providers: [
    PeopleService,
    AttemptsService,
    SessionLookup,
    SessionsService,
    SignInService,
    ConfirmationService,
    RelyingParty,
    RecoveryCodes,
    FactorsService,
    Enrolments,
    TotpService,
    PasskeysService,
    OneTimeLinks,
    AccountService,
    MembersService,
    InvitationsService,
    AcceptanceService,
  ],
  exports: [PeopleService, AttemptsService, SessionLookup, SignInService, OneTimeLinks, InvitationsService],
})
export class PeopleModule {}
