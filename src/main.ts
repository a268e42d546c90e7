import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setUpDashboard } from './app.dashboard.js';
import { createApp } from './app.js';
import { Housekeeping } from './audit-log/keeping/housekeeping.js';
import { FoundingService } from './founding/founding.service.js';
import { SetupService } from './founding/setup.service.js';
import { setUpDocs } from './openapi.js';
import { Clock } from './platform/clock.js';
import { readEnvironment } from './platform/config/environment.js';
import { migrate } from './platform/database/migrate.js';
import { openDatabase } from './platform/database/open-database.js';
import { makeLogger } from './platform/logger.js';
import { inWords } from './start-faults.js';
import { startScreen } from './start-screen.js';
import { ExpiringTokens } from './tokens/expiring/expiring-tokens.js';

/** Everything has ended by then, database included, or is ended (contract §7: within 20 s). */
const STOP_LIMIT_MS = 18_000;

/** What to undo when the product stops, the last first. */
const opened: (() => Promise<void>)[] = [];
let stopping: Promise<void> | null = null;

async function main(): Promise<void> {
  const config = readEnvironment();
  const logger = makeLogger(config.logLevel);
  const opening = openDatabase(config, () => {
    logger.fatal('the embedded PostgreSQL ended by itself; its log is in the data folder');
    void stop(1);
  });
  // Also while it is still starting: a signal in these moments must not leave it behind.
  opened.push(() =>
    opening.then(
      (database) => database.stop(),
      () => undefined,
    ),
  );
  const database = await opening;
  if (isStopping()) return;
  await migrate(database.migrationUrl, database.appRole);
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
  if (isStopping()) return;
  await app.init();
  await app.get(Housekeeping).start();
  app.get(ExpiringTokens).start();
  // Fastify itself: Nest would log a taken port, of which the operator is told once and in words.
  const url = await app.getHttpAdapter().getInstance().listen({ host: config.host, port: config.port });
  // Only now that the port is ours: a key that was made by a start that failed would have been shown to nobody.
  const key = await app.get(FoundingService).foundInstance();
  const setup = await app.get(SetupService).prepare();
  process.stdout.write(
    startScreen(url.replace('[::]', '[::1]'), key, config.bootstrapApiKey !== null, setup),
  );
}

/** Finishes what is in flight, writes what is queued, then ends the database. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    for (const close of opened.reverse()) await close().catch(report);
    process.exit(exitCode);
  })();
  return stopping;
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

function isStopping(): boolean {
  return stopping !== null;
}

/** What is not the operator's to mend is ours, and keeps its stack. */
function report(error: unknown): void {
  console.error(inWords(error) ?? error);
}

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));

await main().catch(async (error: unknown) => {
  if (!isStopping()) report(error);
  await stop(1);
});
