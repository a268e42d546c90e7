import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { runningEmbedded, startEmbedded, StartFault } from './embedded/embedded-server.js';

const DATABASE = 'tooken';
const APP_ROLE = 'tooken_app';

/** A database the product can use, and what it takes to use it. */
export interface OpenDatabase {
  /** For requests: as little privilege as they need. */
  url: string;
  /** For migrations: the owner of the tables. */
  migrationUrl: string;
  /** The role of `url`, which migrations grant its privileges to; null when it owns the tables itself. */
  appRole: string | null;
  secretKey: Buffer;
  /** Stops what was started here; nothing, for a database that runs by itself. */
  stop(): Promise<void>;
}

/**
 * The PostgreSQL of `DATABASE_URL`, or else the embedded one, started.
 *
 * @param onExit called when the embedded server ends although nobody asked it to.
 * @throws StartFault with one sentence for the operator.
 */
export async function openDatabase(config: Config, onExit: () => void): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) return external(config, config.databaseUrl);
  const server = await startEmbedded({ dataDir: config.dataDir, onExit });
  try {
    const secretKey = await keptSecretKey(config);
    const password = randomBytes(24).toString('base64url');
    await prepare(server.adminUrl('postgres'), password);
    const migrationUrl = server.adminUrl(DATABASE);
    const url = new URL(migrationUrl);
    url.username = APP_ROLE;
    url.password = password;
    return { url: url.href, migrationUrl, appRole: APP_ROLE, secretKey, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** For the command line: beside a running product its embedded server is shared, not started a second time. */
export async function joinDatabase(config: Config): Promise<OpenDatabase> {
  const running = config.databaseUrl === null ? await runningEmbedded(config.dataDir) : null;
  if (running === null) return openDatabase(config, () => undefined);
  const url = running.adminUrl(DATABASE);
  const secretKey = await keptSecretKey(config);
  return { url, migrationUrl: url, appRole: APP_ROLE, secretKey, stop: () => Promise.resolve() };
}

function external({ databaseMigrationUrl, secretKey }: Config, url: string): OpenDatabase {
  if (secretKey === null) throw new Error('readConfig requires TOOKEN_SECRET_KEY with DATABASE_URL');
  const appRole = databaseMigrationUrl === null ? null : decodeURIComponent(new URL(url).username);
  return {
    url,
    migrationUrl: databaseMigrationUrl ?? url,
    appRole,
    secretKey,
    stop: () => Promise.resolve(),
  };
}

/** Makes the database and the app's role, whose password is a new one at every start and written nowhere. */
async function prepare(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const databases = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (databases.rowCount === 0) await client.query(`create database ${DATABASE}`);
    const roles = await client.query('select from pg_roles where rolname = $1', [APP_ROLE]);
    if (roles.rowCount === 0) await client.query(`create role ${APP_ROLE} login`);
    await client.query(`alter role ${APP_ROLE} password ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
}

/** The key beside the embedded database: made once, readable by its owner only, on disk before it is used. */
async function keptSecretKey({ secretKey, dataDir }: Config): Promise<Buffer> {
  if (secretKey !== null) return secretKey;
  const file = join(dataDir, 'secret.key');
  const draft = `${file}.${String(process.pid)}`;
  if (!existsSync(file)) {
    await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
    // A link, unlike a rename, never replaces a key that another process has just made.
    await link(draft, file).catch(ignoreExisting);
    await rm(draft);
  }
  const key = Buffer.from(await readFile(file, 'utf8'), 'base64');
  if (key.length < 32) throw new StartFault(`${file} does not hold a key; restore it from a backup.`);
  return key;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
