import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../credentials/principal.js';
import { Requires } from '../scopes/requires.decorator.js';
import { SecretFormatDto } from './secret-format.dto.js';
import { SecretFormatService } from './secret-format.service.js';

@ApiTags('Leaks')
@Controller('v1/secret-format')
export class SecretFormatController {
  constructor(private readonly format: SecretFormatService) {}

  /** Read what secrets look like, for secret scanners. A regular expression for each prefix, and the checksum. */
  @Get()
  @Requires('any')
  @Audited('secret.describe')
  @ApiOkResponse({ type: SecretFormatDto })
  read(@Caller() caller: Principal): Promise<SecretFormatDto> {
    return this.format.of(caller);
  }
}
