import { Controller, Get, Header, HttpCode } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Database } from '../database/database.js';
import { unavailable } from '../database/unavailable.js';
import { Public } from '../context/route-policy.js';
import { Metrics } from './metrics.js';

/** For orchestrators and Prometheus; these leave no audit events (contract §6). */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {}

  /** The process answers. */
  @Get('livez')
  @HttpCode(200)
  @Public()
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The database is reachable and its migrations are done, so requests can be served. */
  @Get('readyz')
  @Public()
  async ready(): Promise<{ status: 'ok' }> {
    const [row] = await this.database.query<{ migrated: boolean }>(
      `select exists (select from migrations) as migrated`,
    );
    if (row?.migrated !== true) throw unavailable();
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Public()
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
