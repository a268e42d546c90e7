import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited, OnlyInserts } from '../audit-log/audited.decorator.js';
import { Recording, type OpenRecord } from '../audit-log/open-record.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { Requires } from '../scopes/requires.decorator.js';
import { ImportReportDto, ImportTokensDto } from './import.dto.js';
import { ImportTokensService } from './import-tokens.service.js';
import { IssueTokenService } from './issue-token.service.js';
import { RevokedTokensDto, RevokeTokensDto } from './revoke-many.dto.js';
import { RevokeManyService } from './revoke-many.service.js';
import { RotateTokenService } from './rotate-token.service.js';
import { RotateTokenDto } from './rotation.dto.js';
import { NewTokenDto, TokenDto, TokenPage } from './token-view.dto.js';
import { IssueTokenDto, ListTokensQuery, RevokeTokenDto, UpdateTokenDto } from './tokens.dto.js';
import { TokensService } from './tokens.service.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class TokensController {
  constructor(
    private readonly issuing: IssueTokenService,
    private readonly imports: ImportTokensService,
    private readonly tokens: TokensService,
    private readonly revoking: RevokeManyService,
    private readonly rotation: RotateTokenService,
  ) {}

  /** Issue a token; its value is shown in this answer only. */
  @Post()
  @Requires('tokens:write')
  @Audited('token.issue')
  @OnlyInserts()
  @ApiCreatedResponse({ type: NewTokenDto })
  @Fails(400)
  issue(
    @Caller() caller: Principal,
    @Body() body: IssueTokenDto,
    @Event() event: AuditDraft,
    @Recording() record: OpenRecord,
  ): Promise<NewTokenDto> {
    return this.issuing.issue(caller, body, event, record);
  }

  /**
   * Import tokens with the values they have elsewhere, or with the SHA-256 of these. An imported value is verified like
   * any other, but calls nothing of Tooken’s own; once rotated, the token has a value of our making.
   */
  @Post('import')
  @HttpCode(200)
  @Requires('api_key')
  @Audited('token.import')
  @ApiOkResponse({ type: ImportReportDto })
  @Fails(400)
  import(
    @Caller() caller: Principal,
    @Body() body: ImportTokensDto,
    @Event() event: AuditDraft,
  ): Promise<ImportReportDto> {
    return this.imports.importFor(caller, body, event);
  }

  /** List tokens of the caller's environment, newest first. */
  @Get()
  @Requires('tokens:read')
  @Audited('token.list')
  @ApiOkResponse({ type: TokenPage })
  @Fails(400)
  list(@Caller() caller: Principal, @Query() query: ListTokensQuery): Promise<TokenPage> {
    return this.tokens.list(caller, query);
  }

  /**
   * Revoke a token by its value, or all that a filter finds, with all their descendants: final, at once. A calling token
   * reaches only what it has issued. A value that no token of the caller's environment has now revokes nothing.
   */
  @Post('revoke')
  @HttpCode(200)
  @Requires('tokens:write')
  @Audited('token.revoke_many')
  @ApiOkResponse({ type: RevokedTokensDto })
  @Fails(400)
  revokeMany(
    @Caller() caller: Principal,
    @Body() body: RevokeTokensDto,
    @Event() event: AuditDraft,
  ): Promise<RevokedTokensDto> {
    return this.revoking.revoke(caller, body, event);
  }

  /** Read a token. */
  @Get(':id')
  @Requires('tokens:read')
  @Audited('token.read')
  @ApiOkResponse({ type: TokenDto })
  @Fails(404)
  read(@Caller() caller: Principal, @Param('id') id: string, @Event() event: AuditDraft): Promise<TokenDto> {
    return this.tokens.read(caller, id, event);
  }

  /** Change a token. */
  @Patch(':id')
  @Requires('tokens:write')
  @Audited('token.update')
  @ApiOkResponse({ type: TokenDto })
  @Fails(400, 404, 409)
  update(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: UpdateTokenDto,
    @Event() event: AuditDraft,
  ): Promise<TokenDto> {
    return this.tokens.update(caller, id, body, event);
  }

  /**
   * Give a token a new value, shown in this answer only. The one it has now is over at once, or stays valid for a grace;
   * `previous` then tells who still uses it. Not for tokens that are revoked or expired.
   */
  @Post(':id/rotate')
  @HttpCode(200)
  @Requires('tokens:write')
  @Audited('token.rotate')
  @ApiOkResponse({ type: NewTokenDto })
  @Fails(400, 404, 409)
  rotate(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: RotateTokenDto,
    @Event() event: AuditDraft,
  ): Promise<NewTokenDto> {
    return this.rotation.rotate(caller, id, body, event);
  }

  /** End the grace of the value before the current one now. Again, or where there is none to end, is no error. */
  @Post(':id/rotate/finish')
  @HttpCode(200)
  @Requires('tokens:write')
  @Audited('token.finish_rotation')
  @ApiOkResponse({ type: TokenDto })
  @Fails(404, 409)
  finishRotation(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<TokenDto> {
    return this.rotation.finish(caller, id, event);
  }

  /** Revoke a token with all its descendants: final, at once, on every instance. Again is no error. */
  @Post(':id/revoke')
  @HttpCode(200)
  @Requires('tokens:write')
  @Audited('token.revoke')
  @ApiOkResponse({ type: TokenDto })
  @Fails(400, 404)
  revoke(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: RevokeTokenDto,
    @Event() event: AuditDraft,
  ): Promise<TokenDto> {
    return this.tokens.revoke(caller, id, body.reason ?? null, event);
  }

  /** Revoke a token without giving a reason. It stays in the list, as revoked. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('tokens:write')
  @Audited('token.revoke')
  @ApiNoContentResponse({ description: 'Revoked' })
  @Fails(404)
  async remove(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Event() event: AuditDraft,
  ): Promise<void> {
    await this.tokens.revoke(caller, id, null, event);
  }
}
