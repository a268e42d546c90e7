import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Requires } from '../scopes/requires.decorator.js';
import { MeDto } from './me.dto.js';

@ApiTags('Caller')
@Controller('v1/me')
export class MeController {
  /** Read who the caller is and what it may do. */
  @Get()
  @Requires('any')
  @Audited('me.read')
  @ApiOkResponse({ type: MeDto })
  read(@Caller() caller: Principal): MeDto {
    const { type, id, name, environment, scopes, expiresAt, workspace } = caller;
    return {
      type,
      id,
      name,
      environment,
      scopes,
      expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      workspace: { id: workspace.id, name: workspace.name, slug: workspace.slug },
    };
  }
}
