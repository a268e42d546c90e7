import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import pg from 'pg';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { cleanUp, emptyFolder, logLines, Product, run, until } from '../support/product.js';

jest.setTimeout(120_000);

const secretKey = randomBytes(32).toString('base64');
let database: EmptyDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(async () => {
  await cleanUp();
  await database.drop();
});

describe('DATABASE_URL', () => {
  it('needs TOOKEN_SECRET_KEY beside it, and says so in one sentence', async () => {
    const failed = await run(['dist/bundle/main.js'], { DATABASE_URL: database.ownerUrl });

    expect(failed.exitCode).toBe(1);
    expect(failed.errors).toMatch(
      /^The configuration has faults:\n {2}- TOOKEN_SECRET_KEY is required with DATABASE_URL.*\n$/,
    );
  });

  it('of a server that is not there is said in one sentence, without the password', async () => {
    const failed = await run(['dist/bundle/main.js'], {
      DATABASE_URL: 'postgres://tooken:hidden@localhost:1/tooken',
      TOOKEN_SECRET_KEY: secretKey,
    });

    expect(failed.exitCode).toBe(1);
    expect(failed.errors).toMatch(/^The database cannot be reached: \S.*\n$/);
    expect(failed.errors).not.toContain('hidden');
    expect(failed.output).toBe('');
  });
});

describe('five instances that start together on an empty database', () => {
  const cwd = emptyFolder();
  let instances: Product[];
  let key: string;

  it('all come up, and print one key between them', async () => {
    const settings = {
      DATABASE_URL: database.guestUrl,
      DATABASE_MIGRATION_URL: database.ownerUrl,
      TOOKEN_SECRET_KEY: secretKey,
      // As talkative as can be: see below what must not be told.
      LOG_LEVEL: 'trace',
    };
    instances = await Promise.all(Array.from({ length: 5 }, () => Product.start(settings, { cwd })));

    const keys = instances.map((each) => each.key).filter((each) => each !== null);
    expect(keys).toHaveLength(1);
    expect(instances.map(({ program }) => program.errors).join('')).toBe('');
    key = keys[0]!;
  });

  it('have migrated once and made one operator workspace with one key', async () => {
    const migrations = await database.query<{ name: string }>('select name from migrations');
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
    expect(await database.query('select slug, operator from workspaces')).toEqual([
      { slug: 'default', operator: true },
    ]);
    expect(await database.query('select count(*)::int from api_keys')).toEqual([{ count: 1 }]);
  });

  it('all accept the key', async () => {
    const statuses = await Promise.all(
      instances.map(async (each) => (await each.as(key).get('/v1/me')).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });

  it('serve with a role that can neither change the schema nor an event', async () => {
    const guest = new pg.Client({ connectionString: database.guestUrl });
    await guest.connect();
    for (const forbidden of [
      'create table mine (id int)',
      'drop table tokens',
      'update audit_events set reason = null',
      'delete from audit_events',
      'truncate audit_events',
      'delete from migrations',
    ]) {
      await expect(guest.query(forbidden)).rejects.toMatchObject({ code: '42501' });
    }
    await guest.end();
  });

  it('each tell the truth about being ready: 503 while the database is away, 200 again when it is back', async () => {
    const pids = instances.map(({ program }) => program.pid);
    await database.shut();
    for (const instance of instances) {
      await until(async () => (await instance.anonymous.get('/readyz')).status === 503);
      const answer = await instance.anonymous.get('/readyz');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(answer).toBeProblem('unavailable');
      expect(await instance.as(key).get('/v1/me')).toBeProblem('unavailable');
      expect((await instance.anonymous.get('/livez')).status).toBe(200);
    }

    await database.open();
    for (const instance of instances) {
      await until(async () => (await instance.anonymous.get('/readyz')).status === 200);
      await until(async () => (await instance.as(key).get('/v1/me')).status === 200);
    }
    expect(instances.map(({ program }) => program.exitCode)).toEqual(pids.map(() => undefined));
  });

  it('log JSON lines that hold no secret, whatever a request carried and wherever', async () => {
    const [instance] = instances as [Product];
    const { body: token } = await instance
      .as(key)
      .post<{ token: string }>('/v1/tokens', { name: 'a token', scopes: ['things:read'] });
    const secrets = [key, token.token];
    await database.shut();
    for (const secret of secrets) {
      const caller = instance.as(secret).with({ 'user-agent': secret, 'x-request-id': secret });
      await caller.get(`/v1/me?api_key=${secret}`);
      await caller.get(`/v1/tokens/${secret}?q=${secret}`);
      await caller.post('/v1/tokens/verify', { token: secret, operation: secret });
      await caller.post('/v1/tokens', `{"api_key":"${secret}"`);
      await instance.anonymous.with({ authorization: `Basic ${btoa(`:${secret}`)}` }).get(`/v1/${secret}`);
    }
    await database.open();

    expect(await instance.stop()).toBe(0);
    const lines = instances.flatMap(({ program }) => logLines(program.output));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String) });
    }
    for (const secret of [...secrets, ...secrets.map((each) => btoa(`:${each}`)), secretKey]) {
      const told = [...lines, ...instances.map(({ program }) => program.errors)].join('\n');
      expect(told.includes(secret)).toBe(false);
      expect(told.includes(encodeURIComponent(secret))).toBe(false);
    }
  });

  it('end on SIGTERM with exit code 0, having written no file', async () => {
    expect(await Promise.all(instances.map((each) => each.stop()))).toEqual([0, 0, 0, 0, 0]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('a later start on a database that is in use', () => {
  it('finds nothing to do, prints no key, and needs no second role', async () => {
    const before = await database.query('select * from migrations');
    const product = await Product.start({ DATABASE_URL: database.ownerUrl, TOOKEN_SECRET_KEY: secretKey });

    expect(product.key).toBeNull();
    expect(await database.query('select * from migrations')).toEqual(before);
    expect((await product.anonymous.get('/readyz')).status).toBe(200);
    expect(await product.stop()).toBe(0);
  });
});
