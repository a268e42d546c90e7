import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { Event, type AuditDraft } from '../audit-draft.js';
import { Audited } from '../audited.decorator.js';
import { LogQuery } from '../list-audit-events.dto.js';
import {
  CheckpointDto,
  ConsistencyProofDto,
  ConsistencyQuery,
  InclusionProofDto,
  PublicKeyDto,
} from './proofs.dto.js';
import { ProofsService } from './proofs.service.js';
import { inWantedForm } from './wanted-form.js';

/** JSON, or for `Accept: text/plain` the note or key alone, as C2SP's tools take it. */
const jsonOrText = (type: typeof CheckpointDto | typeof PublicKeyDto, example: string): MethodDecorator =>
  ApiOkResponse({
    description: 'As JSON, or for `Accept: text/plain` as the text alone.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(type) } },
      'text/plain': { schema: { type: 'string' }, example },
    },
  });

@ApiTags('Audit log')
@ApiExtraModels(CheckpointDto, PublicKeyDto)
@Controller('v1')
export class ProofsController {
  constructor(private readonly proofs: ProofsService) {}

  /** Read the newest signed checkpoint of the log. */
  @Get('audit-log/checkpoint')
  @Requires('audit:read')
  @Audited('audit.prove')
  @jsonOrText(CheckpointDto, 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya\n1042\n…')
  @Fails(400, 409)
  async checkpoint(
    @Caller() caller: Principal,
    @Query() query: LogQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CheckpointDto | string> {
    return inWantedForm(request, reply, await this.proofs.checkpoint(caller, query), 'checkpoint');
  }

  /** Read the public key that checkpoints are verified with. */
  @Get('audit-log/public-key')
  @Requires('audit:read')
  @Audited('audit.prove')
  @jsonOrText(PublicKeyDto, 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya+c74f20a3+ARpc2Qc…')
  @Fails(400)
  async publicKey(
    @Caller() caller: Principal,
    @Query() query: LogQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyDto | string> {
    return inWantedForm(request, reply, await this.proofs.publicKey(caller, query), 'verifier_key');
  }

  /** Prove that the log still begins with what it was at an earlier size. */
  @Get('audit-log/consistency')
  @Requires('audit:read')
  @Audited('audit.prove')
  @ApiOkResponse({ type: ConsistencyProofDto })
  @Fails(400, 409)
  consistency(@Caller() caller: Principal, @Query() query: ConsistencyQuery): Promise<ConsistencyProofDto> {
    return this.proofs.consistency(caller, query);
  }

  /** Prove that an event is in the log that the newest checkpoint covers. */
  @Get('audit-events/:id/proof')
  @Requires('audit:read')
  @Audited('audit.prove')
  @ApiOkResponse({ type: InclusionProofDto })
  @Fails(400, 404, 409)
  inclusion(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query() query: LogQuery,
    @Event() event: AuditDraft,
  ): Promise<InclusionProofDto> {
    return this.proofs.inclusion(caller, id, query, event);
  }
}
