import { run, type ServerUser } from './run.js';
import { StartFault } from './start-fault.js';

/** Names under which systems keep an account for PostgreSQL. */
const ACCOUNTS = ['postgres', '_postgres'];

/** Who owns the data that is already there. */
export interface Owner {
  uid: number;
  gid: number;
}

/**
 * The account PostgreSQL has to run under: our own (null), or another one when we are root, whom it refuses.
 *
 * @param owner the owner of an existing database: the server must run as the one its files belong to.
 */
export async function serverUser(owner: Owner | null, cluster: string): Promise<ServerUser | null> {
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (owner === null || owner.uid === uid) return null;
    throw new StartFault(
      `The database in ${cluster} belongs to ${await nameOf(owner.uid)}; start Tooken as the user who started it first (root, if it was made by root), or set TOOKEN_DATA_DIR to another folder`,
    );
  }
  if (owner !== null && owner.uid !== 0) return { ...owner, name: await nameOf(owner.uid) };
  const user = (await find()) ?? (await create());
  if (user !== null) return user;
  throw new StartFault(
    'PostgreSQL refuses to run as root, and no account for it could be made; start Tooken as an ordinary user, or make an account called postgres (useradd --system postgres)',
  );
}

async function find(): Promise<ServerUser | null> {
  for (const name of ACCOUNTS) {
    const [uid, gid] = await Promise.all([number('-u', name), number('-g', name)]);
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  return null;
}

/** Looks again whatever the outcome: another start may have made the account at the same moment. */
async function create(): Promise<ServerUser | null> {
  await run('groupadd', ['--system', '--force', 'postgres']);
  await run('useradd', [
    ...['--system', '--no-create-home', '--shell', '/usr/sbin/nologin'],
    ...['--gid', 'postgres', 'postgres'],
  ]);
  return find();
}

async function number(what: '-u' | '-g', name: string): Promise<number | null> {
  const { code, output } = await run('id', [what, name]);
  return code === 0 && /^\d+\s*$/.test(output) ? Number(output) : null;
}

async function nameOf(uid: number): Promise<string> {
  const { code, output } = await run('id', ['-nu', String(uid)]);
  return code === 0 ? output.trim() : `user ${uid}`;
}
