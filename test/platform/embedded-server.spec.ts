import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  type EmbeddedServer,
  runningEmbedded,
  startEmbedded,
  StartFault,
} from '../../src/platform/database/embedded/embedded-server.js';
import { birthMark } from '../../src/platform/database/embedded/process-life.js';
import { spawnStarter, until } from './embedded-server-starter.js';

const isRoot = process.getuid?.() === 0;
/** Where a process's parent can be looked up without a program that may not be there. */
const onLinux = process.platform === 'linux' ? it : it.skip;

let temporary: string;
/** A data folder with a database in it, used by one test after the other. */
let home: string;
const servers: EmbeddedServer[] = [];
const children: ChildProcess[] = [];
const said: string[] = [];

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'tooken-embedded-'));
  // Open for passing through, because PostgreSQL is somebody else when root runs the tests.
  chmodSync(temporary, 0o711);
  home = join(temporary, 'home');
  await (await start(home)).stop();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  said.length = 0;
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('a data folder', () => {
  it('keeps what was written across starts', async () => {
    const first = await start(home);
    await query(first, 'create table kept as select 42 as answer');
    await first.stop();

    expect(await query(await start(home), 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('is served with a password, on the loopback interface, sorted the same on every system', async () => {
    const server = await start(home);

    const noPassword = new URL(server.adminUrl('postgres'));
    noPassword.password = 'guessed';
    await expect(connect(noPassword.href)).rejects.toMatchObject({ code: '28P01' });
    expect(await query(server, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(server, `select 'Z' < 'a' as by_code_point, lower('Ä') as lower`)).toEqual([
      { by_code_point: true, lower: 'ä' },
    ]);
    expect(statSync(join(home, 'postgres.password')).mode & 0o777).toBe(0o600);
  });

  it('may have blanks and letters of any script in its path', async () => {
    const server = await start(join(temporary, `it's a "Größe" 数据 $HOME`));

    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is refused while a Tooken runs on it, and tells where that one is', async () => {
    const server = await start(home);

    await expect(start(home)).rejects.toThrow(
      `Tooken is already running on this folder (pid ${process.pid}); stop it first, or set TOOKEN_DATA_DIR to another folder`,
    );
    expect((await runningEmbedded(home))?.adminUrl('postgres')).toBe(server.adminUrl('postgres'));
    await server.stop();
    expect(await runningEmbedded(home)).toBeNull();
  });
});

describe('after a crash', () => {
  it('of Tooken no server is left, and the folder starts again', async () => {
    const { child, port } = await startInChild(home);
    const server = serverPid(home);
    child.kill('SIGKILL');

    // At once, while the old server is still shutting down.
    const next = await start(home);

    expect(next.port).not.toBe(port);
    expect(isAlive(server)).toBe(false);
  });

  it('of Tooken the server ends even if nobody starts again', async () => {
    const { child } = await startInChild(home);
    const server = serverPid(home);
    child.kill('SIGKILL');

    await until(() => !isAlive(server));
  });

  onLinux('of Tooken and the keeper of its server the folder starts again', async () => {
    const { child } = await startInChild(home);
    const server = serverPid(home);
    const keeper = parentOf(server);
    // Stopped, so that it cannot tell the server to end when it sees the keeper gone.
    child.kill('SIGSTOP');
    process.kill(keeper, 'SIGKILL');
    child.kill('SIGKILL');

    await start(home);

    expect(isAlive(server)).toBe(false);
  });

  it('of the server Tooken is told, and the folder starts again', async () => {
    let exits = 0;
    await start(home, () => (exits += 1));
    process.kill(serverPid(home), 'SIGKILL');

    await until(() => exits === 1);
    await start(home);
  });

  it('a lock whose process id belongs to another process by now is no hindrance', async () => {
    writeFileSync(join(home, 'tooken.lock'), JSON.stringify({ pid: process.ppid, mark: 'an earlier life' }));

    await start(home);
  });

  it('neither is a server whose process id belongs to another program by now', async () => {
    const stranger = sleeper();
    // The same account as the server's: a process of another user PostgreSQL itself knows to be none of its own.
    writeFileSync(
      join(home, 'postgres', 'postmaster.pid'),
      `${stranger}\n${join(home, 'postgres')}\n1\n5432\n`,
    );

    await start(home);

    expect(isAlive(stranger)).toBe(true);
  });

  it('in the middle of the first start the next one begins anew', async () => {
    const dataDir = join(temporary, 'interrupted');
    const child = starter(dataDir);
    await until(
      () => existsSync(dataDir) && drafts(dataDir).some((draft) => existsSync(join(draft, 'base'))),
    );
    child.kill('SIGKILL');

    const server = await start(dataDir);

    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(drafts(dataDir)).toEqual([]);
  });
});

describe('what the operator has to mend is said in one sentence:', () => {
  const faultOf = async (dataDir: string): Promise<string> => {
    const fault: unknown = await start(dataDir).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StartFault);
    return (fault as StartFault).message;
  };

  it('a file where the folder should be', async () => {
    writeFileSync(join(temporary, 'file'), '');

    expect(await faultOf(join(temporary, 'file', 'data'))).toMatch(
      /is a file and not a folder; move it away/,
    );
    expect(await faultOf(join(temporary, 'file'))).toMatch(/a file is in the way; move it away/);
  });

  it('something else where the database should be', async () => {
    const dataDir = join(temporary, 'occupied');
    mkdirSync(join(dataDir, 'postgres', 'photos'), { recursive: true });

    expect(await faultOf(dataDir)).toMatch(/holds something that is not a PostgreSQL database; move it away/);
  });

  it('a database that a link points to and that is gone', async () => {
    const dataDir = join(temporary, 'dangling');
    mkdirSync(dataDir);
    symlinkSync(join(temporary, 'gone', 'postgres'), join(dataDir, 'postgres'));

    expect(await faultOf(dataDir)).toMatch(/which is gone; bring it back, or delete the link/);
  });

  it('a password that is lost', async () => {
    const password = join(home, 'postgres.password');
    const kept = readFileSync(password);
    rmSync(password);

    expect(await faultOf(home)).toMatch(/postgres\.password.*is missing; bring it back from a backup/);
    writeFileSync(password, kept, { mode: 0o600 });
  });

  it('files that PostgreSQL does not understand', async () => {
    const version = join(home, 'postgres', 'PG_VERSION');
    const kept = readFileSync(version);
    writeFileSync(version, '12\n');

    expect(await faultOf(home)).toMatch(
      /database files are incompatible.*initialized by PostgreSQL version 12/,
    );
    writeFileSync(version, kept);
  });
});

(isRoot ? describe : describe.skip)('as root', () => {
  it('a folder that PostgreSQL’s account cannot enter gets a database elsewhere, found again later', async () => {
    const closed = join(temporary, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const dataDir = join(closed, 'data');

    const first = await start(dataDir);
    const elsewhere = dirname(readlinkSync(join(dataDir, 'postgres')));
    try {
      expect(said).toEqual([expect.stringContaining(`The database is kept in ${elsewhere}, because`)]);
      await query(first, 'create table kept as select 42 as answer');
      await first.stop();
      said.length = 0;

      const second = await start(dataDir);
      expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
      expect(said).toEqual([]);
      await second.stop();
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});

async function start(dataDir: string, onExit: () => void = () => undefined): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, onExit, say: (line) => said.push(line) });
  servers.push(server);
  return server;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

async function query(server: EmbeddedServer, sql: string): Promise<unknown[]> {
  const client = await connect(server.adminUrl('postgres'));
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function starter(dataDir: string): ChildProcess {
  const child = spawnStarter(join(temporary, 'compiled'), dataDir);
  children.push(child);
  return child;
}

async function startInChild(dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const child = starter(dataDir);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

/** A process under the server's account that is no PostgreSQL. */
function sleeper(): number {
  const { uid, gid } = statSync(join(home, 'postgres'));
  const child = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore', cwd: '/' });
  children.push(child);
  return child.pid!;
}

function serverPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

function drafts(dataDir: string): string[] {
  return readdirSync(dataDir)
    .filter((name) => name.startsWith('postgres.init-'))
    .map((name) => join(dataDir, name));
}

function isAlive(pid: number): boolean {
  return birthMark(pid) !== null;
}
