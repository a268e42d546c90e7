import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Binaries } from './binaries.js';
import { run, type ServerUser } from './run.js';
import { errorCode, StartFault } from './start-fault.js';

export const SUPERUSER = 'postgres';

/** A database in the making has this before its random ending; it gets its real name when it is complete. */
const DRAFT = 'postgres.init-';

/** Makes the database in `cluster`: all of it or, when it is interrupted, nothing that the next start would see. */
export async function initCluster(
  { initdb }: Binaries,
  cluster: string,
  user: ServerUser | null,
  password: string,
): Promise<void> {
  const folder = dirname(cluster);
  const draft = await mkdtemp(join(folder, DRAFT));
  try {
    await chmod(draft, 0o700);
    if (user !== null) await chown(draft, user.uid, user.gid);
    // A real pipe, which initdb can open by name: so the password is in no file and no argument list.
    const { code, output } = await run('/bin/sh', ['-c', 'cat | "$@"', 'sh', initdb, ...initFlags(draft)], {
      user,
      input: `${password}\n`,
    });
    if (code !== 0) throw initFault(folder, output);
    await rename(draft, cluster);
    await sync(folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function initFlags(folder: string): string[] {
  return [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    '--pwfile=/dev/stdin',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own tables: sorting and letter case are the same on every system and after every upgrade of it.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
  ];
}

function initFault(folder: string, output: string): StartFault {
  const lines = output.split('\n').filter((line) => /error|fatal|panic|no space/i.test(line));
  if (lines.some((line) => /no space left/i.test(line))) {
    return new StartFault(
      `The disk that holds ${folder} is full: PostgreSQL needs about 50 MB to begin with; free some space, or set TOOKEN_DATA_DIR to another folder`,
    );
  }
  const reason = lines[0] ?? (output === '' ? 'it was interrupted' : output.trim().split('\n').at(-1));
  return new StartFault(
    `PostgreSQL could not set up its database in ${folder}: ${reason}; mend that and start again, or set DATABASE_URL to a PostgreSQL of your own`,
  );
}

/** What interrupted first starts left behind. Whatever resists is in nobody's way, and has another go next time. */
export async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/**
 * The superuser's password: made before the database is, since that would be worthless without it.
 *
 * @param cluster the database it opens, when that exists already.
 */
export async function superuserPassword(dataDir: string, cluster: string | null): Promise<string> {
  const file = join(dataDir, 'postgres.password');
  try {
    const kept = (await readFile(file, 'utf8')).trim();
    if (kept !== '') return kept;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  if (cluster !== null) {
    throw new StartFault(
      `${file}, the password of the database in ${cluster}, is missing; bring it back from a backup, or move the database away to begin with an empty one`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o600);
  await handle.writeFile(`${password}\n`);
  await handle.sync();
  await handle.close();
  return password;
}

/** Makes a rename outlast a power failure. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
