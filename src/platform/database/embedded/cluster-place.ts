import { chmod, lstat, mkdtemp, readdir, readlink, realpath, rmdir, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { run, type ServerUser } from './run.js';
import { type Owner } from './server-user.js';
import { errorCode, StartFault } from './start-fault.js';

/** Where PostgreSQL's files lie, or will lie. */
export interface Place {
  /** Absolute and free of symbolic links, since the server may not be able to follow one of ours. */
  cluster: string;
  /** The owner of a finished database; null when there is none yet. */
  owner: Owner | null;
  /** Whether it has been settled that they lie there, by a finished database or by a pointer. */
  settled: boolean;
}

/** Where root's databases go when their own folder is closed to the account PostgreSQL runs under. */
const SYSTEM_STATE = '/var/lib';

/** `<dataDir>/postgres`: the database itself, or a symbolic link that points to it. */
export async function findCluster(dataDir: string): Promise<Place> {
  const entry = join(dataDir, 'postgres');
  const found = await lstat(entry).catch(nullIfMissing);
  if (found === null)
    return { cluster: join(await realpath(dataDir), 'postgres'), owner: null, settled: false };
  if (!found.isSymbolicLink())
    return { ...(await inspect(await realpath(entry))), settled: found.isDirectory() };

  const target = resolve(await realpath(dataDir), await readlink(entry));
  // The link is laid before the database is made, so the target may be missing; its folder may not.
  const folder = await realpath(dirname(target)).catch(nullIfMissing);
  if (folder === null) {
    throw new StartFault(
      `The database of this folder was kept in ${target}, which is gone; bring it back, or delete the link ${entry} to begin with an empty database`,
    );
  }
  const place = await inspect(await realpath(target).catch(() => target));
  return { ...place, settled: true };
}

/**
 * Makes sure that the account PostgreSQL runs under can get to the place; a place that is not settled yet may
 * move for that, leaving a link behind. Returns the place's path.
 */
export async function reachable(
  place: Place,
  user: ServerUser | null,
  dataDir: string,
  say: (line: string) => void,
): Promise<string> {
  const barrier = user === null ? null : await firstClosed(user, dirname(place.cluster));
  if (user === null || barrier === null) return place.cluster;
  if (place.settled) {
    throw new StartFault(
      `PostgreSQL runs as the user ${user.name}, who cannot enter ${barrier} on the way to the database in ${place.cluster}; open it with: chmod o+x '${barrier}'`,
    );
  }
  const folder = await makeElsewhere(user, barrier);
  const cluster = join(folder, 'postgres');
  await symlink(cluster, join(dataDir, 'postgres'));
  say(
    `The database is kept in ${folder}, because the user ${user.name}, as whom PostgreSQL runs, cannot enter ${barrier}; ${join(dataDir, 'postgres')} points there.`,
  );
  return cluster;
}

async function makeElsewhere(user: ServerUser, barrier: string): Promise<string> {
  try {
    const folder = await mkdtemp(join(SYSTEM_STATE, 'tooken-'));
    await chmod(folder, 0o711);
    if ((await firstClosed(user, folder)) === null) return folder;
    await rmdir(folder);
  } catch {
    // Said below: what counts for the operator is the folder of his choice.
  }
  throw new StartFault(
    `PostgreSQL runs as the user ${user.name}, who cannot enter ${barrier}; open it with: chmod o+x '${barrier}', or set TOOKEN_DATA_DIR to a folder outside of it, or start Tooken as an ordinary user`,
  );
}

/** Only finished databases get their final name, so a folder without one is nobody's work of ours. */
async function inspect(cluster: string): Promise<{ cluster: string; owner: Owner | null }> {
  // A folder that is closed to us is somebody else's database, and its owner tells whose.
  const access = await stat(join(cluster, 'PG_VERSION')).catch(errorCode);
  if (typeof access === 'object' || access === 'EACCES') {
    const { uid, gid } = await stat(cluster);
    return { cluster, owner: { uid, gid } };
  }
  const content = await readdir(cluster).catch(nullIfMissing);
  if (content !== null) {
    if (content.length > 0) {
      throw new StartFault(
        `${cluster} holds something that is not a PostgreSQL database; move it away, or set TOOKEN_DATA_DIR to another folder`,
      );
    }
    await rmdir(cluster);
  }
  return { cluster, owner: null };
}

/** The outermost folder on the way to `folder` that the user cannot enter; null when all are open. */
async function firstClosed(user: ServerUser, folder: string): Promise<string | null> {
  const way: string[] = [];
  for (let step = folder; step !== dirname(step); step = dirname(step)) way.unshift(step);
  // The real system call decides, not the mode bits: there are access lists and mount options besides.
  const script = 'for step; do cd "$step" 2>/dev/null || { printf %s "$step"; exit 3; }; done';
  const { code, output } = await run('/bin/sh', ['-c', script, 'sh', ...way], { user });
  if (code === 0) return null;
  return code === 3 ? output : folder;
}

function nullIfMissing(error: unknown): null {
  if (errorCode(error) === 'ENOENT') return null;
  throw error;
}
