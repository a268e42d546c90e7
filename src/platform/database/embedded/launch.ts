import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Keeper } from './keeper.js';
import { readPostmaster } from './postmaster.js';
import { type ServerUser } from './run.js';
import { type ServerLog } from './server-log.js';
import { StartFault } from './start-fault.js';

interface Launch {
  /** Path of the program. */
  postgres: string;
  cluster: string;
  user: ServerUser | null;
  log: ServerLog;
  say: (line: string) => void;
}

const POLL_MS = 20;
const SAY_EVERY_MS = 10_000;
const MAX_PORTS = 5;
const LEFTOVERS_MS = 15_000;
/** Words of a server that met remains of the one before: processes of its that notice its end within moments. */
const LEFTOVERS = /lock file .* already exists|pre-existing shared memory block/;
const PORT_TAKEN = 'could not create any TCP/IP sockets';

/** Starts the server and waits until it takes connections. */
export async function launch(launch: Launch): Promise<{ keeper: Keeper; port: number }> {
  const { postgres, cluster, user, log } = launch;
  const deadline = Date.now() + LEFTOVERS_MS;
  for (let ports = 1; ;) {
    const port = await freePort();
    const keeper = Keeper.start([postgres, '-D', cluster, ...settings(port)], user, log.descriptor);
    if (await becomesReady(keeper, launch)) return { keeper, port };

    const words = await log.lastWords();
    if (words.includes(PORT_TAKEN) && ports < MAX_PORTS) {
      ports += 1;
    } else if (LEFTOVERS.test(words) && Date.now() < deadline) {
      await delay(10 * POLL_MS);
    } else {
      throw new StartFault(
        `PostgreSQL did not start on ${cluster} (${words}); mend that and start again, more is in ${log.file}`,
      );
    }
  }
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    // Containers may promise huge pages and then kill who uses them.
    huge_pages: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors of statements reach us anyway; their texts would only fill the disk.
    log_min_error_statement: 'fatal',
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Resolves to false when the server ended instead. Has no limit: recovery after a crash takes what it takes. */
async function becomesReady(keeper: Keeper, { cluster, say }: Launch): Promise<boolean> {
  let sayAt = Date.now() + SAY_EVERY_MS;
  while (!keeper.hasEnded) {
    const postmaster = await readPostmaster(cluster);
    if (postmaster?.ready === true && postmaster.pid === (await keeper.serverPid)) return true;
    if (Date.now() > sayAt) {
      say('PostgreSQL is still starting; after a crash it first repairs its files.');
      sayAt = Date.now() + SAY_EVERY_MS;
    }
    await Promise.race([delay(POLL_MS), keeper.ended]);
  }
  return false;
}

/** A port that was free a moment ago; it may be taken in between, so the caller tries again. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
