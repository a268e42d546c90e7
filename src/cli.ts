import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { createApp } from './app.js';
import { FoundingService } from './founding/founding.service.js';
import { Clock } from './platform/clock.js';
import { readEnvironment } from './platform/config/environment.js';
import { migrate } from './platform/database/migrate.js';
import { joinDatabase } from './platform/database/open-database.js';
import { makeLogger } from './platform/logger.js';

const USAGE = `Usage: npm run -s tooken -- COMMAND

  workspace create NAME
      Makes a workspace; prints it with its first API key, as JSON.
  api-key create NAME [--workspace SLUG] [--environment live|test]
      Makes an API key, of the workspace "default" unless told; prints it with its value, as JSON.
`;

/** The command line asked for something it does not know, or wrongly. */
class UsageFault extends Error {}

type Command = (app: INestApplicationContext) => Promise<unknown>;

function readCommand(args: string[]): Command {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { workspace: { type: 'string' }, environment: { type: 'string' } },
  });
  const [noun, verb, name, ...rest] = positionals;
  if (verb !== 'create' || name === undefined || rest.length > 0) throw new UsageFault('Not a command');
  if (name.trim() === '' || [...name].length > 120)
    throw new UsageFault('NAME must have 1 to 120 characters');
  if (noun === 'workspace') return (app) => app.get(FoundingService).foundBySystem(name);
  if (noun !== 'api-key') throw new UsageFault(`Not a command: ${String(noun)}`);
  const { workspace = 'default', environment = 'live' } = values;
  if (environment !== 'live' && environment !== 'test')
    throw new UsageFault('--environment must be live or test');
  return async (app) => {
    const key = await app.get(FoundingService).keyBySystem(workspace, environment, name);
    if (key === null) throw new UsageFault(`There is no workspace "${workspace}"`);
    return key;
  };
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  const config = readEnvironment();
  const database = await joinDatabase(config);
  try {
    await migrate(database.migrationUrl, database.appRole);
    const app = await createApp({
      config,
      databaseUrl: database.url,
      secretKey: database.secretKey,
      clock: new Clock(),
      logger: makeLogger('silent'),
    });
    await app.init();
    try {
      process.stdout.write(`${JSON.stringify(await command(app), null, 2)}\n`);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

await main().catch((error: unknown) => {
  const isUsage =
    error instanceof UsageFault || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(error instanceof Error ? error.message : error);
  if (isUsage) console.error(`\n${USAGE}`);
  process.exitCode = isUsage ? 2 : 1;
});
