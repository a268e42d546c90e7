import { Module } from '@nestjs/common';
import { ExpiringTokens } from './expiring/expiring-tokens.js';
import { ImportFile } from './import-file.js';
import { ImportTokensService } from './import-tokens.service.js';
import { InactiveTokens } from './inactive/inactive-tokens.js';
import { IssueTokenService } from './issue-token.service.js';
import { PolicyReportController } from './policies/policy-report.controller.js';
import { PolicyReportService } from './policies/policy-report.service.js';
import { Revocation } from './revocation.js';
import { RevokeManyService } from './revoke-many.service.js';
import { RotateTokenService } from './rotate-token.service.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

@Module({
  controllers: [TokensController, PolicyReportController],
  providers: [
    IssueTokenService,
    RotateTokenService,
    ImportTokensService,
    ImportFile,
    TokensService,
    Revocation,
    RevokeManyService,
    ExpiringTokens,
    PolicyReportService,
    InactiveTokens,
  ],
  exports: [Revocation],
})
export class TokensModule {}
