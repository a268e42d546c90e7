import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../database/database.js';
import { unavailable } from '../database/unavailable.js';
import { Public } from '../context/route-policy.js';
import { HealthDto } from './health.dto.js';
import { Metrics } from './metrics.js';

const NO_OTHER = {
  status: '4XX',
  description: 'These routes take nothing, so nothing can be wrong',
} as const;

/** For orchestrators and Prometheus; these leave no audit events (contract §6). */
@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {}

  /** Whether the process answers. */
  @Get('livez')
  @Public()
  @ApiOkResponse({ type: HealthDto })
  @ApiResponse(NO_OTHER)
  live(): HealthDto {
    return { status: 'ok' };
  }

  /** Whether requests can be served: the database is reachable and its migrations are done. */
  @Get('readyz')
  @Public()
  @ApiOkResponse({ type: HealthDto })
  @ApiResponse({ status: 503, description: 'Not now' })
  @ApiResponse(NO_OTHER)
  async ready(): Promise<HealthDto> {
    const [row] = await this.database.query<{ migrated: boolean }>(
      `select exists (select from migrations) as migrated`,
    );
    if (row?.migrated !== true) throw unavailable();
    return { status: 'ok' };
  }

  /** Metrics for Prometheus. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Public()
  @ApiProduces('text/plain')
  @ApiOkResponse({ type: String, description: 'Prometheus text format' })
  @ApiResponse(NO_OTHER)
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
