import { chmod, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installedBinaries, usableBinaries } from './binaries.js';
import { initCluster, removeDrafts, SUPERUSER, superuserPassword } from './cluster-init.js';
import { findCluster, reachable } from './cluster-place.js';
import { folderHolder, lockFolder, type FolderLock } from './folder-lock.js';
import { launch } from './launch.js';
import { birthMark } from './process-life.js';
import { askToStop, awaitFormerServer, readPostmaster } from './postmaster.js';
import { ServerLog } from './server-log.js';
import { serverUser } from './server-user.js';
import { explained, StartFault } from './start-fault.js';

export { StartFault } from './start-fault.js';

export interface EmbeddedServer {
  /** Connection URL of the superuser for a database of this name. */
  adminUrl(database: string): string;
  port: number;
  /** Shuts the server down and gives the folder free; takes at most 16 seconds, as a rule a tenth of one. */
  stop(): Promise<void>;
}

interface StartOptions {
  dataDir: string;
  /** The server ended although nobody asked it to. */
  onExit: () => void;
  /** Gets the few lines the operator should read; by default they go to standard error. */
  say?: (line: string) => void;
}

const POLL_MS = 50;
const OTHER_START_MS = 15_000;

/**
 * Starts the PostgreSQL in `<dataDir>/postgres`, and makes it on first use. The server ends with this process,
 * however that ends.
 *
 * @throws StartFault with one sentence for the operator.
 */
export async function startEmbedded(options: StartOptions): Promise<EmbeddedServer> {
  const dataDir = resolve(options.dataDir);
  try {
    // First, since without them it does not matter what is wrong with the folder.
    await installedBinaries();
    await makeDataFolder(dataDir);
    const lock = await lockFolder(dataDir);
    try {
      return await start({ say: sayOnStandardError, ...options, dataDir }, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw explained(error, dataDir);
  }
}

/**
 * Finds the server of the Tooken that already runs on this folder, null when none does. One that is just starting
 * is waited for.
 */
export async function runningEmbedded(dataDir: string): Promise<Pick<EmbeddedServer, 'adminUrl'> | null> {
  const folder = resolve(dataDir);
  const deadline = Date.now() + OTHER_START_MS;
  try {
    for (;;) {
      const holder = await folderHolder(folder);
      if (holder === null) return null;
      const { cluster, owner } = await findCluster(folder);
      const postmaster = owner === null ? null : await readPostmaster(cluster);
      if (postmaster?.ready === true && birthMark(postmaster.pid) !== null) {
        return { adminUrl: adminUrls(await superuserPassword(folder, cluster), postmaster.port) };
      }
      if (Date.now() > deadline) {
        throw new StartFault(
          `Tooken (pid ${holder}) is running on ${folder}, but its database does not take connections; wait until it has started, and try again`,
        );
      }
      await delay(POLL_MS);
    }
  } catch (error) {
    throw explained(error, folder);
  }
}

async function start(options: Required<StartOptions>, lock: FolderLock): Promise<EmbeddedServer> {
  const { dataDir, say } = options;
  const place = await findCluster(dataDir);
  const user = await serverUser(place.owner, place.cluster);
  const cluster = await reachable(place, user, dataDir, say);
  const binaries = await usableBinaries(user, dirname(cluster));
  await removeDrafts(dirname(cluster));
  const password = await superuserPassword(dataDir, place.owner === null ? null : cluster);
  if (place.owner === null) await initCluster(binaries, cluster, user, password);
  else await awaitFormerServer(cluster);

  const log = await ServerLog.open(dataDir);
  try {
    const { keeper, port } = await launch({ postgres: binaries.postgres, cluster, user, log, say });
    const endRotation = log.keepSmall();
    const tidyUp = async (): Promise<void> => {
      endRotation();
      await log.close();
      await lock.release();
    };
    let stopping: Promise<void> | null = null;
    const unexpected = async (): Promise<void> => {
      if (stopping !== null) return;
      // It may be the keeper alone that was killed; then the server would not learn of our end.
      askToStop(await keeper.serverPid, cluster);
      await (stopping = tidyUp());
      options.onExit();
    };
    void keeper.ended.then(unexpected);
    const stop = (): Promise<void> => (stopping ??= keeper.stop().then(tidyUp));
    return { adminUrl: adminUrls(password, port), port, stop };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Root's own folder is left open for passing through: PostgreSQL runs as somebody else, and the files in it are shut. */
async function makeDataFolder(dataDir: string): Promise<void> {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  const made = await mkdir(dataDir, { recursive: true, mode });
  if (made !== undefined) await chmod(dataDir, mode);
}

function adminUrls(password: string, port: number): (database: string) => string {
  return (database) =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

function sayOnStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
