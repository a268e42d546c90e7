import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataSource, type MigrationInterface } from 'typeorm';
import { ROOT } from '../root.js';
import type { Run } from './owner.js';
import { makePartitions, ownsLog } from './partitions.js';

/** Any constant would do; it only has to be the same in every instance ("tooken" in hex). */
const MIGRATION_LOCK = 0x746f6f6b656e;

const FOLDER = join(ROOT, 'migrations');

/** Every migration of the product, in order. */
export async function loadMigrations(): Promise<(new () => MigrationInterface)[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.js')).sort();
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(FOLDER, file)).href) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((module) => Object.values(module) as (new () => MigrationInterface)[]);
}

/**
 * Brings the schema up to date, with the months ahead, and lets the app's role use it.
 *
 * `migration:run` takes no lock, so we do: of five instances that start together one migrates, the others wait
 * and find nothing to do.
 *
 * @param url of a role that owns the tables.
 * @param appRole the role that serves requests; it gets no more than it needs (no UPDATE or DELETE of events).
 */
export async function migrate(url: string, appRole: string | null): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: await loadMigrations(),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    extra: { application_name: 'tooken migrations', connectionTimeoutMillis: 5_000 },
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations();
    if (appRole !== null) await grantTo(source, appRole);
    await makeMonths((sql, parameters) => source.query(sql, parameters as unknown[]));
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
    await source.destroy();
  }
}

/** Without them events go into the partition for all others, so what is in the way is only told by the housekeeping. */
async function makeMonths(run: Run): Promise<void> {
  if (await ownsLog(run)) await makePartitions(run, Date.now());
}

/** All that requests need. Rows that name the owner of a dead secret stay, and so do events. */
export const GRANTS = {
  'select, insert, update': [
    'workspaces',
    'api_keys',
    'tokens',
    'token_counters',
    'credential_secrets',
    'audit_trees',
    'audit_stats',
    'audit_stats_by_hour',
    'audit_value_uses',
    'token_expiry_notices',
    'webhook_cursors',
    'users',
    'invitations',
  ],
  'select, insert, update, delete': [
    'scopes',
    'idempotent_answers',
    'leak_reporters',
    'webhooks',
    'webhook_deliveries',
    'oauth_issued_jwts',
    'memberships',
    'sessions',
    'one_time_secrets',
    'sign_in_attempts',
    'totp_secrets',
    'recovery_codes',
    'passkeys',
  ],
  'select, insert': [
    'audit_events',
    'audit_personal',
    'audit_entries',
    'audit_tiles',
    'audit_checkpoints',
    'audit_names',
    'oauth_status_lists',
  ],
  'select, insert, delete': ['audit_pending', 'oauth_signing_keys'],
  select: ['migrations', 'audit_epochs', 'audit_kept_leaves', 'audit_last_uses'],
};

/** In one transaction: instances of before an upgrade are serving requests meanwhile. */
async function grantTo(source: DataSource, role: string): Promise<void> {
  const [row] = await source.query<{ name: string; same: boolean }[]>(
    'select quote_ident($1) as name, $1 = current_user as same',
    [role],
  );
  if (row === undefined || row.same) return;
  await source.transaction(async (manager) => {
    await manager.query(`grant usage on schema public to ${row.name}`);
    await manager.query(`revoke all on all tables in schema public from ${row.name}`);
    for (const [privileges, tables] of Object.entries(GRANTS)) {
      await manager.query(`grant ${privileges} on ${tables.join(', ')} to ${row.name}`);
    }
  });
}
