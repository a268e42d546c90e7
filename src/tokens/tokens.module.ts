import { Module } from '@nestjs/common';
import { ExpiringTokens } from './expiring/expiring-tokens.js';
import { IssueTokenService } from './issue-token.service.js';
import { Revocation } from './revocation.js';
import { RevokeManyService } from './revoke-many.service.js';
import { RotateTokenService } from './rotate-token.service.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

@Module({
  controllers: [TokensController],
  providers: [
    IssueTokenService,
    RotateTokenService,
    TokensService,
    Revocation,
    RevokeManyService,
    ExpiringTokens,
  ],
  exports: [Revocation],
})
export class TokensModule {}
