import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { OwnCluster } from '../support/own-cluster.js';
import type { Ground } from './ground.js';

/** One reason why nothing can be recorded. */
export interface Cause {
  name: string;
  /** Why it cannot be had on this machine; null when it can. */
  missing: string | null;
  /** Brings it about; returns how to end it. */
  begin: (ground: Ground) => Promise<() => Promise<void>>;
}

const cause = (name: string, begin: Cause['begin'], missing: string | null = null): Cause => ({
  name,
  missing,
  begin,
});

/** Every write to it ends in "no space left on device", for whomever; only some systems have it. */
const FULL_DEVICE = '/dev/full';

export const CAUSES: readonly Cause[] = [
  cause('the right to write events is withdrawn', async ({ cluster }) => {
    await cluster.query('revoke insert on audit_events from tooken_app');
    return async () => {
      await cluster.query('grant insert on audit_events to tooken_app');
    };
  }),
  cause(
    'the disk is full',
    fillDisk,
    existsSync(FULL_DEVICE) ? null : `this system has no ${FULL_DEVICE}, which stands for the disk`,
  ),
  cause('the database has become read-only', async ({ cluster }) => {
    await setReadOnly(cluster, 'on');
    return () => setReadOnly(cluster, 'off');
  }),
  cause('somebody holds a lock on the log', async ({ cluster }) => {
    const holder = new pg.Client({ connectionString: cluster.adminUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table audit_events in access exclusive mode');
    return () => holder.end();
  }),
  cause('the database has stopped in its tracks', async ({ cluster }) => {
    const thaw = cluster.freeze();
    return async () => thaw();
  }),
  cause('the database ends all connections and accepts none', async ({ cluster }) => {
    await cluster.query('alter database tooken allow_connections false', [], 'postgres');
    await endConnections(cluster);
    return async () => {
      await cluster.query('alter database tooken allow_connections true', [], 'postgres');
    };
  }),
  cause('the network cuts all connections', async ({ wire }) => {
    wire.cut();
    return async () => wire.carryNewOnes();
  }),
  cause('the network swallows what is sent, and the old connections never come back', async ({ wire }) => {
    wire.swallow();
    return async () => wire.carryNewOnes();
  }),
  cause('the database is shut down', async (ground) => {
    await ground.cluster.stop();
    return () => startAgain(ground);
  }),
  cause('the database is killed', async (ground) => {
    await ground.cluster.kill();
    return () => startAgain(ground);
  }),
];

/**
 * Every event needs room in a file that lies on a full disk: the real error, of the real system call, without the
 * privilege to make a small disk.
 */
async function fillDisk({ cluster }: Ground): Promise<() => Promise<void>> {
  await cluster.query('create table full_disk (filled integer)');
  const [{ path } = { path: '' }] = await cluster.query<{ path: string }>(
    `select current_setting('data_directory') || '/' || pg_relation_filepath('full_disk') as path`,
  );
  const aside = join(cluster.folder, 'aside');
  renameSync(path, aside);
  symlinkSync(FULL_DEVICE, path);
  // One at a time: for several who wait PostgreSQL would ask for room in another way, which a device does not know.
  await cluster.query(`
    create function fill_disk() returns trigger language plpgsql security definer as $$
    begin
      lock table full_disk in exclusive mode;
      insert into full_disk values (1);
      return null;
    end $$`);
  await cluster.query(
    'create trigger fill_disk after insert on audit_events for each statement execute function fill_disk()',
  );
  return async () => {
    await cluster.query('drop trigger fill_disk on audit_events');
    rmSync(path);
    renameSync(aside, path);
    await cluster.query('drop function fill_disk');
    await cluster.query('drop table full_disk');
  };
}

/** As after a failover to a replica. */
async function setReadOnly(cluster: OwnCluster, value: 'on' | 'off'): Promise<void> {
  await cluster.query(`alter database tooken set default_transaction_read_only = ${value}`, [], 'postgres');
  await endConnections(cluster);
}

async function endConnections(cluster: OwnCluster): Promise<void> {
  await cluster.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tooken'`,
    [],
    'postgres',
  );
}

async function startAgain({ cluster, wire }: Ground): Promise<void> {
  await cluster.startAgain();
  wire.leadTo(cluster.adminUrl);
}
