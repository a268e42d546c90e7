import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { birthMark, lives, UNKNOWN } from './process-life.js';
import { errorCode, StartFault } from './start-fault.js';

interface Holder {
  pid: number;
  /** Tells the holder from a later process that got the same id. */
  mark: string;
}

export interface FolderLock {
  release(): Promise<void>;
}

const FILE = 'tooken.lock';
/** Only a crowd of starts that recover the same stale lock at the same moment needs more than two. */
const MAX_ATTEMPTS = 10;
/** A process that was just killed lives on for some moments, and may have been killed in order to start anew. */
const LAST_BREATH_MS = 500;
const POLL_MS = 25;

/**
 * Takes the data folder for this process. The lock of a process that is gone is taken over silently.
 *
 * @throws StartFault when a living Tooken holds the folder.
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  const file = join(dataDir, FILE);
  const self: Holder = { pid: process.pid, mark: birthMark(process.pid) ?? UNKNOWN };
  const mine = JSON.stringify(self);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await create(file, mine)) {
      await sweep(dataDir);
      return { release: () => releaseIf(file, mine) };
    }
    const found = await readFile(file, 'utf8').catch(() => null);
    if (found === null) continue;
    const holder = parse(found);
    if (holder !== null && (await outlives(holder, LAST_BREATH_MS))) throw alreadyRunning(holder.pid);
    await discard(file, found);
  }
  throw new StartFault(`Several starts are after ${file} at once; wait a moment and start again`);
}

/** The process id of the living Tooken that holds the folder, or null. */
export async function folderHolder(dataDir: string): Promise<number | null> {
  const found = await readFile(join(dataDir, FILE), 'utf8').catch(() => null);
  const holder = found === null ? null : parse(found);
  return holder !== null && lives(holder.pid, holder.mark) ? holder.pid : null;
}

async function outlives({ pid, mark }: Holder, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (lives(pid, mark)) {
    if (Date.now() > deadline) return true;
    await delay(POLL_MS);
  }
  return false;
}

function alreadyRunning(pid: number): StartFault {
  return new StartFault(
    `Tooken is already running on this folder (pid ${pid}); stop it first, or set TOOKEN_DATA_DIR to another folder`,
  );
}

/** A link appears with its content complete, so nobody ever reads a lock that is half written. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode: 0o644, flag: 'wx' });
    await link(draft, file);
    return true;
  } catch (error) {
    // Missing: the draft was swept away by the one who has just got the lock.
    if (['EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a stale lock, unless somebody else has replaced it since it was judged. */
async function discard(file: string, judged: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8').catch(() => judged)) !== judged)
    await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Removes the drafts of starts that were killed while they took the lock. */
async function sweep(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(`${FILE}.`)) await rm(join(dataDir, name), { force: true });
  }
}

async function releaseIf(file: string, mine: string): Promise<void> {
  const found = await readFile(file, 'utf8').catch(() => null);
  if (found === mine) await rm(file, { force: true });
}

function parse(text: string): Holder | null {
  try {
    const { pid, mark } = JSON.parse(text) as Partial<Holder>;
    return Number.isSafeInteger(pid) && pid! > 0 && typeof mark === 'string' ? { pid: pid!, mark } : null;
  } catch {
    return null;
  }
}
