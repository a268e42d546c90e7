import { parseArgs } from 'node:util';
import type { FoundingService } from './founding/founding.service.js';

const USAGE = `Usage: npm run -s tooken -- COMMAND

  workspace create NAME
      Makes a workspace; prints it with its first API key, as JSON.
  api-key create NAME [--workspace SLUG] [--environment live|test]
      Makes an API key, of the workspace "default" unless told; prints it with its value, as JSON.
`;

/** The command line asked for something it does not know, or wrongly. */
class UsageFault extends Error {}

type Command = (founding: FoundingService) => Promise<unknown>;

function readCommand(args: string[]): Command {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { workspace: { type: 'string' }, environment: { type: 'string' } },
  });
  const [noun, verb, name, ...rest] = positionals;
  if (verb !== 'create' || name === undefined || rest.length > 0) throw new UsageFault('Not a command');
  if (name.trim() === '' || [...name].length > 120 || /\p{Cc}/u.test(name))
    throw new UsageFault('NAME must have 1 to 120 characters, and no control characters');
  if (noun === 'workspace') {
    if (Object.keys(values).length > 0) throw new UsageFault('workspace create takes no options');
    return (founding) => founding.foundBySystem(name);
  }
  if (noun !== 'api-key') throw new UsageFault(`Not a command: ${String(noun)}`);
  const { workspace = 'default', environment = 'live' } = values;
  if (environment !== 'live' && environment !== 'test')
    throw new UsageFault('--environment must be live or test');
  return async (founding) => {
    const key = await founding.keyBySystem(workspace, environment, name);
    if (key === null) throw new UsageFault(`There is no workspace "${workspace}"`);
    return key;
  };
}

async function carryOut(command: Command): Promise<void> {
  // Loaded only now, so that a typing error is told of at once.
  const { createApp } = await import('./app.js');
  const { FoundingService } = await import('./founding/founding.service.js');
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
      secretKey: database.secretKey,
      clock: new Clock(),
      logger: makeLogger('silent'),
    });
    await app.init();
    try {
      const answer = await command(app.get(FoundingService));
      process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

async function report(error: unknown): Promise<void> {
  const isUsage =
    error instanceof UsageFault || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.exitCode = isUsage ? 2 : 1;
  const { message } = error as Error;
  if (isUsage) {
    console.error(`${message}\n\n${USAGE}`);
  } else {
    const { inWords } = await import('./start-faults.js');
    console.error(inWords(error) ?? error);
  }
}

try {
  await carryOut(readCommand(process.argv.slice(2)));
} catch (error) {
  await report(error);
}
