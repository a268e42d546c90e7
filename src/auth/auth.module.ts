import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { PeopleModule } from '../people/people.module.js';
import { MeController } from './me.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { SessionAuthenticator } from './session-authenticator.js';

/** Above the features: the guard before every handler, and the filter behind everything. */
@Module({
  imports: [PeopleModule],
  controllers: [MeController],
  providers: [
    Authenticator,
    SessionAuthenticator,
    AuthGuard,
    { provide: APP_GUARD, useExisting: AuthGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AuthModule {}
