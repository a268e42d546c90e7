import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { MeController } from './me.controller.js';
import { ProblemFilter } from './problem.filter.js';

/** Above the features: the guard before every handler, and the filter behind everything. */
@Module({
  controllers: [MeController],
  providers: [
    Authenticator,
    AuthGuard,
    { provide: APP_GUARD, useExisting: AuthGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AuthModule {}
