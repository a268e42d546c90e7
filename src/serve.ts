import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { setUpDashboard } from './app.dashboard.js';
import { createApp } from './app.js';
import { Housekeeping } from './audit-log/keeping/housekeeping.js';
import { FoundingService } from './founding/founding.service.js';
import { SetupService } from './founding/setup.service.js';
import { setUpDocs } from './openapi.js';
import { Clock } from './platform/clock.js';
import type { Config } from './platform/config/config.js';
import type { OpenDatabase } from './platform/database/open-database.js';
import { startScreen } from './start-screen.js';
import { ExpiringTokens } from './tokens/expiring/expiring-tokens.js';

export interface ServedFrom {
  config: Config;
  database: OpenDatabase;
  logger: Logger;
  /** Gets what ends the app. */
  opened: (() => Promise<void>)[];
  isStopping: () => boolean;
}

/**
 * Serves the product on a database that is migrated.
 *
 * @returns what to show to who has started it; null when it is stopping already.
 */
export async function serve({
  config,
  database,
  logger,
  opened,
  isStopping,
}: ServedFrom): Promise<string | null> {
  const app = await createApp({
    config,
    databaseUrl: database.url,
    ownerUrl: database.migrationUrl,
    secretKey: database.secretKey,
    clock: new Clock(),
    logger,
  });
  opened.push(() => close(app));
  setUpDocs(app);
  setUpDashboard(app);
  if (isStopping()) return null;
  await app.init();
  await app.get(Housekeeping).start();
  app.get(ExpiringTokens).start();
  // Fastify itself: Nest would log a taken port, of which the operator is told once and in words.
  const url = await app.getHttpAdapter().getInstance().listen({ host: config.host, port: config.port });
  // Only now that the port is ours: a key that was made by a start that failed would have been shown to nobody.
  const key = await app.get(FoundingService).foundInstance();
  const setup = await app.get(SetupService).prepare();
  return startScreen(url.replace('[::]', '[::1]'), key, config.bootstrapApiKey !== null, setup);
}

/**
 * Nest closes the connections that are idle now, and waits for the others; of those that were busy, clients keep many
 * alive, idle, for a minute and longer. They are closed as they fall silent.
 */
async function close(app: NestFastifyApplication): Promise<void> {
  const sweep = setInterval(() => {
    app.getHttpServer().closeIdleConnections();
  }, 50);
  await app.close();
  clearInterval(sweep);
}
