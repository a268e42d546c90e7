import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/context/route-policy.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { JwksDto, MetadataDto } from './discovery.dto.js';
import { DiscoveryService } from './discovery.service.js';
import { STATUS_LIST_TYPE, StatusListsService } from './statuses/status-lists.service.js';

/** What everybody may know, and what decides nothing; so it leaves no event. */
@ApiTags('OAuth')
@Controller('.well-known')
export class DiscoveryController {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly lists: StatusListsService,
  ) {}

  /** Read where everything is (RFC 8414). */
  @Get('oauth-authorization-server')
  @Public()
  @ApiOkResponse({ type: MetadataDto })
  @Fails(400)
  root(): MetadataDto {
    return this.discovery.root();
  }

  /** Read the same of one workspace and environment; its `issuer` is the `iss` of their JWTs. */
  @Get('oauth-authorization-server/:workspace/:environment')
  @Public()
  @ApiParam({ name: 'workspace', type: String })
  @ApiParam({ name: 'environment', enum: ['live', 'test'] })
  @ApiOkResponse({ type: MetadataDto })
  @Fails(400, 404)
  realm(@Param('workspace') workspace: string, @Param('environment') environment: string): MetadataDto {
    return this.discovery.realm(workspace, environment);
  }

  /** Read the keys that JWTs and status lists are verified with (RFC 7517). */
  @Get('jwks.json')
  @Public()
  @ApiOkResponse({ type: JwksDto })
  @Fails(400)
  keys(): Promise<JwksDto> {
    return this.discovery.keys();
  }

  /** Read which JWTs of a list have ended early. A signed JWT: draft-ietf-oauth-status-list. */
  @Get('tooken/status-lists/:id')
  @Public()
  @Header('content-type', STATUS_LIST_TYPE)
  @ApiOkResponse({
    description: 'The list, in compact form; read it again when its `ttl` is over',
    content: { [STATUS_LIST_TYPE]: { schema: { type: 'string' } } },
  })
  @Fails(400, 404)
  statuses(@Param('id') id: string): Promise<string> {
    return this.lists.read(id);
  }
}
