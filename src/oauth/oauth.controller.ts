import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { PresentsToken } from '../credentials/presents-token.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { AdmitsClients, OAuthEndpoint } from '../platform/context/oauth-endpoint.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { ExchangeService } from './exchange.service.js';
import { IntrospectDto, IntrospectionDto, RevokeDto } from './introspection.dto.js';
import { IntrospectionService } from './introspection.service.js';
import { RevocationService } from './revocation.service.js';
import { TokenAnswerDto, TokenRequestDto } from './token-request.dto.js';

@ApiTags('OAuth')
@Controller('oauth')
export class OAuthController {
  constructor(
    private readonly introspection: IntrospectionService,
    private readonly revocation: RevocationService,
    private readonly exchange: ExchangeService,
  ) {}

  /** Say whether a presented token, or a JWT made from one, is active (RFC 7662). Counts no use of it. */
  @Post('introspect')
  @HttpCode(200)
  @OAuthEndpoint()
  @PresentsToken()
  @Requires('tokens:verify')
  @Audited('token.introspect')
  @ApiOkResponse({ type: IntrospectionDto })
  introspect(
    @Caller() caller: Principal,
    @Body() body: IntrospectDto,
    @Event() event: AuditDraft,
    @Req() { presented }: FastifyRequest,
  ): Promise<IntrospectionDto> {
    return this.introspection.introspect(caller, body, event, presented);
  }

  /**
   * Revoke a token with its descendants, or a JWT alone (RFC 7009). A token needs `tokens:write`, but may always give
   * up itself. What is not known is no error.
   */
  @Post('revoke')
  @HttpCode(200)
  @OAuthEndpoint()
  @PresentsToken()
  @Requires('any')
  @Audited('token.revoke')
  @ApiOkResponse({ description: 'It is not, or no more, valid' })
  @ApiResponse({ status: 403, description: 'The caller is a token that may not revoke this one' })
  revoke(
    @Caller() caller: Principal,
    @Body() body: RevokeDto,
    @Event() event: AuditDraft,
    @Req() { presented }: FastifyRequest,
  ): Promise<void> {
    return this.revocation.revoke(caller, body, event, presented);
  }

  /**
   * Exchange a token for a short-lived JWT (RFC 8693). Or get one as a client whose secret is the token (RFC 6749
   * §4.4). The token is credential enough; who presents that of another needs an API key or `tokens:verify`.
   */
  @Post('token')
  @HttpCode(200)
  @OAuthEndpoint()
  @AdmitsClients()
  @Audited('token.exchange')
  @ApiOkResponse({ type: TokenAnswerDto })
  @ApiResponse({ status: 401, description: 'A client was named, and its credential is none' })
  @ApiResponse({ status: 403, description: 'The client is a token without `tokens:verify`.' })
  token(
    @Body() body: TokenRequestDto,
    @Event() event: AuditDraft,
    @Req() { principal, facts }: FastifyRequest,
  ): Promise<TokenAnswerDto> {
    return this.exchange.give(body, { client: principal, ip: facts?.ip ?? '' }, event);
  }
}
