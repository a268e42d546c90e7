import { readEnvironment } from './platform/config/environment.js';
import { openDatabase } from './platform/database/open-database.js';
import { makeLogger } from './platform/logger.js';
import { inWords } from './start-faults.js';

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
  // Reading in all the rest takes longest; the database starts meanwhile, and is brought up to date.
  const migrated = opening.then(async (database) => {
    const { migrate } = await import('./platform/database/migrate.js');
    await migrate(database.migrationUrl, database.appRole);
    return database;
  });
  const [database, { serve }] = await Promise.all([migrated, import('./serve.js')]);
  if (isStopping()) return;
  const screen = await serve({ config, database, logger, opened, isStopping });
  if (screen !== null) process.stdout.write(screen);
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
