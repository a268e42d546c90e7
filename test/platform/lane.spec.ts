import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createApp } from '../../src/app.js';
import { FoundingService } from '../../src/founding/founding.service.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeLogger } from '../../src/platform/logger.js';
import { Caller, type Answer } from '../support/caller.js';
import { TestClock } from '../support/test-clock.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';
import { SECRET_KEY, World } from '../support/world.js';

/** 3 s (contract §6), and some for a busy machine. */
const ANSWERS_WITHIN_MS = 4_000;
const HEALS_WITHIN_MS = 10_000;

describe('when the database ends its connections', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.close());

  const end = (name: string): Promise<unknown> =>
    world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like $1`,
      [name],
    );
  const open = async (): Promise<Record<string, number>> => {
    const rows = await world.database.query<{ name: string; count: number }>(
      `select application_name as name, count(*)::int from pg_stat_activity
        where datname = current_database() and application_name like 'tooken %' group by 1`,
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };

  it.each(['tooken look-up', 'tooken audit', 'tooken%'])(
    'requests meanwhile are done or answered 503, and the next are done as ever: %s',
    async (name) => {
      const answers: Answer[] = [];
      let isOver = false;
      const callers = Array.from({ length: 8 }, async (_each, at) => {
        while (!isOver) {
          const scope = `made:by-${String(at)}-${String(answers.length)}`;
          answers.push(
            await (at % 2 ? world.root.get('/v1/me') : world.root.post('/v1/scopes', { name: scope })),
          );
        }
      });
      for (let i = 0; i < 10; i++) {
        const { length } = answers;
        await until(() => answers.length > length + 20);
        await end(name);
      }
      isOver = true;
      await Promise.all(callers);

      for (const answer of answers) if (answer.status >= 400) expect(answer).toBeProblem('unavailable');
      expect((await world.root.get('/v1/me')).status).toBe(200);
      expect((await world.root.post('/v1/scopes', { name: 'made:last' })).status).toBe(201);

      const events = await world.database.query<{ request_id: string; status: number; action: string }>(
        'select request_id, status, action from audit_events where action in ($1, $2)',
        ['me.read', 'scope.create'],
      );
      const recorded = new Map(events.map(({ request_id, status }) => [request_id, status]));
      const done = answers.filter(({ status }) => status < 400);
      expect(done.filter(({ requestId, status }) => recorded.get(requestId) !== status)).toEqual([]);
      const made = await world.database.query(`select from scopes where name like 'made:%'`);
      expect(made).toHaveLength(events.filter(({ status }) => status === 201).length);
    },
  );

  it('each lane opens one connection in the place of the one it lost, and leaves none behind', async () => {
    for (let i = 0; i < 5; i++) {
      await end('tooken%');
      await until(async () => (await world.root.get('/v1/me')).status === 200);
    }
    await until(async () => Object.values(await open()).every((count) => count === 1));
    expect(await open()).toEqual({ 'tooken audit': 1, 'tooken look-up': 1 });
  });
});

describe('when the network swallows its connections', () => {
  let database: TestDatabase;
  let wire: Wire;
  beforeEach(async () => {
    database = await cloneDatabase();
    wire = await Wire.to(database.url);
  });
  afterEach(async () => {
    await wire.cut();
    await database.drop();
  });

  it('requests are answered 503 in time, and new connections heal it though the old never end', async () => {
    const app = await createApp({
      config: readConfig({ PORT: '0' }, () => true),
      databaseUrl: wire.url,
      secretKey: SECRET_KEY,
      clock: new TestClock(),
      logger: makeLogger('silent'),
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      const { key } = (await app.get(FoundingService).foundInstance())!;
      const root = new Caller(await app.getUrl(), { authorization: `Bearer ${key}` });
      const asks = [
        () => root.get('/v1/me'),
        () => root.get('/v1/api-keys'),
        () => root.post('/v1/tokens', { name: 'x', scopes: ['a:b'] }),
        () => root.post('/v1/tokens/verify', { token: 'x' }),
      ];
      const askAll = (): Promise<Answer[]> => Promise.all([1, 2, 3].flatMap(() => asks.map((ask) => ask())));
      for (const { status } of await askAll()) expect(status).toBeLessThan(300);

      wire.swallow();
      const from = performance.now();
      for (const answer of await askAll()) expect(answer).toBeProblem('unavailable');
      expect(performance.now() - from).toBeLessThan(ANSWERS_WITHIN_MS);

      wire.carryNewOnes();
      await until(async () => (await askAll()).every(({ status }) => status < 300));
      for (const { status } of await askAll()) expect(status).toBeLessThan(300);
    } finally {
      await app.close();
    }
  });
});

/** A wire to PostgreSQL that can lose what it carries without a word to either side. */
class Wire {
  private readonly sockets: Socket[] = [];
  private isDead = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<Wire> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(target);
    url.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const wire = new Wire(server, url.href);
    server.on('connection', (socket) => {
      wire.carry(socket, connect(Number(port), hostname));
    });
    return wire;
  }

  /** From now on nothing arrives, on connections old and new. */
  swallow(): void {
    this.isDead = true;
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** New connections work again; the old ones stay as they are. */
  carryNewOnes(): void {
    this.isDead = false;
  }

  async cut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(one: Socket, other: Socket): void {
    for (const socket of [one, other]) {
      this.sockets.push(socket);
      socket.on('error', () => undefined);
    }
    if (this.isDead) return;
    one.pipe(other);
    other.pipe(one);
  }
}

/** Looks again and again, for as long as healing may take. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + HEALS_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
