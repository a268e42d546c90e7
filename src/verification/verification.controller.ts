import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Recording, type OpenRecord } from '../audit-log/open-record.js';
import { PresentsToken } from '../credentials/presents-token.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Direct } from '../platform/context/direct.decorator.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { VerificationBatchDto, VerificationDto, VerifyBatchDto, VerifyTokenDto } from './verification.dto.js';
import { VerificationService } from './verification.service.js';

@ApiTags('Verification')
@Controller('v1/tokens')
export class VerificationController {
  constructor(private readonly verification: VerificationService) {}

  /** Verify a token that was presented to you. Always 200; look at `valid`. */
  @Post('verify')
  @HttpCode(200)
  @PresentsToken()
  @Direct(VerifyTokenDto)
  @Requires('tokens:verify')
  @Audited('token.verify')
  @ApiOkResponse({ type: VerificationDto })
  @Fails(400)
  verify(
    @Caller() caller: Principal,
    @Body() body: VerifyTokenDto,
    @Event() event: AuditDraft,
    @Recording() record: OpenRecord,
    @Req() { presented }: FastifyRequest,
  ): Promise<VerificationDto> {
    return this.verification.verify(caller, body, event, record, presented);
  }

  /** Verify up to 100 tokens; each is a decision, and an audit event, of its own. */
  @Post('verify-batch')
  @HttpCode(200)
  @Requires('tokens:verify')
  @Audited('token.verify')
  @ApiOkResponse({ type: VerificationBatchDto })
  @Fails(400)
  verifyBatch(
    @Caller() caller: Principal,
    @Body() body: VerifyBatchDto,
    @Event() event: AuditDraft,
    @Recording() record: OpenRecord,
  ): Promise<VerificationBatchDto> {
    return this.verification.verifyBatch(caller, body, event, record);
  }
}
