import type { INestApplicationContext } from '@nestjs/common';

/**
 * Runs the work in a product of its own, which serves nobody: beside a running one on its database, else on one
 * started for as long as the work takes.
 */
export async function withApp<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  // Loaded only now, so that a typing error is told of at once.
  const { createApp } = await import('./app.js');
  const { Clock } = await import('./platform/clock.js');
  const { readEnvironment } = await import('./platform/config/environment.js');
  const { migrate } = await import('./platform/database/migrate.js');
  const { joinDatabase } = await import('./platform/database/open-database.js');
  const { makeLogger } = await import('./platform/logger.js');

  const config = readEnvironment();
  const database = await joinDatabase(config);
  try {
    await migrate(database.migrationUrl, database.appRole);
    const app = await createApp({
      config,
      databaseUrl: database.url,
      ownerUrl: database.migrationUrl,
      secretKey: database.secretKey,
      clock: new Clock(),
      logger: makeLogger('silent'),
    });
    await app.init();
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}
