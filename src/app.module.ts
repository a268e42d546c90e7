import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuditLogModule } from './audit-log/audit-log.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { InputPipe } from './platform/input/input.pipe.js';
import { StrictInputInterceptor } from './platform/input/strict-input.interceptor.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { PeopleModule } from './people/people.module.js';
import { FoundingModule } from './founding/founding.module.js';
import { LeaksModule } from './leaks/leaks.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { ScopesModule } from './scopes/scopes.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { VerificationModule } from './verification/verification.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
import { WorkspacesModule } from './workspaces/workspaces.module.js';

@Module({})
export class AppModule {
  static with(parts: PlatformParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(parts),
        CredentialsModule,
        ScopesModule,
        AuditLogModule,
        // After the log: what it repeats is recorded, in the transaction that the log has opened.
        IdempotencyModule,
        WorkspacesModule,
        ApiKeysModule,
        TokensModule,
        VerificationModule,
        WebhooksModule,
        PeopleModule,
        FoundingModule,
        LeaksModule,
        OAuthModule,
        AuthModule,
      ],
      providers: [
        StrictInputInterceptor,
        { provide: APP_INTERCEPTOR, useExisting: StrictInputInterceptor },
        { provide: APP_PIPE, useClass: InputPipe },
      ],
    };
  }
}
