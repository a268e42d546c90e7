import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
/** Between making the folder and writing the owner into it lie microseconds, unless the owner was killed there. */
const NAMELESS_MS = 5_000;

/**
 * Does work while no other process does such work under the same lock, a folder. The lock of processes that are
 * gone is taken over.
 *
 * @param work gets a function that names a further process to the lock: one that may outlive this one.
 */
export async function exclusively(folder, say, work) {
  for (let waiting = false; !acquire(folder); await delay(POLL_MS)) {
    const owners = ownersOf(folder);
    if (owners === null || takeOver(folder, owners)) continue;
    if (!waiting)
      say(`Waiting for another start (pid ${owners.split('\n')[0]}) that is preparing this folder…`);
    waiting = true;
  }
  try {
    const owners = [process.pid];
    return await work((pid) => {
      owners.push(pid);
      write(folder, owners);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function acquire(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  write(folder, [process.pid]);
  return true;
}

function write(folder, pids) {
  writeFileSync(join(folder, 'pids'), pids.join('\n'));
}

/** The processes under the lock, the youngest lock's being none yet; null when there is no lock any more. */
function ownersOf(folder) {
  try {
    return readFileSync(join(folder, 'pids'), 'utf8');
  } catch {
    try {
      return Date.now() - statSync(folder).mtimeMs > NAMELESS_MS ? '' : 'unknown';
    } catch {
      return null;
    }
  }
}

/** Removes a lock whose processes are all gone, unless another one has replaced it since. */
function takeOver(folder, owners) {
  if (owners === 'unknown' || owners.split('\n').some((pid) => pid !== '' && isAlive(Number(pid))))
    return false;
  const aside = `${folder}.${process.pid}`;
  try {
    renameSync(folder, aside);
    if (['', owners].includes(ownersOf(aside))) rmSync(aside, { recursive: true, force: true });
    else renameSync(aside, folder);
    return true;
  } catch {
    // Somebody else was faster.
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
