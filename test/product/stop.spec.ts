import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { runningEmbedded } from '../../src/platform/database/embedded/embedded-server.js';
import { type Answer, Caller } from '../support/caller.js';
import { cleanUp, emptyFolder, processesOn, Product, Program, until } from '../support/product.js';

jest.setTimeout(120_000);

const dataDir = emptyFolder();
const settings = { TOOKEN_DATA_DIR: dataDir };
let product: Product;
let key: string;

beforeAll(async () => {
  product = await Product.start(settings);
  key = product.key!;
});
afterAll(cleanUp);

/** What is kept of an answer. */
type Answered = Pick<Answer, 'status' | 'requestId'>;

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets what is in flight be answered, ends the database too, with exit code 0; the next start works', async () => {
    const begun = await Promise.all(Array.from({ length: 5 }, () => beginVerification(product.url, key)));

    const ended = product.stop(signal);
    await until(() => isDeaf(product.url));
    const answers = await Promise.all(begun.map((finish) => finish()));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await ended).toBe(0);
    expect(product.program.errors).toBe('');
    expect(processesOn(dataDir)).toEqual([]);

    product = await Product.start(settings);
    expect(await eventsOf(answers)).toHaveLength(5);
  });
});

describe('SIGTERM in the middle of a start', () => {
  it('ends it, database included, with exit code 0', async () => {
    const folder = emptyFolder();
    const starting = new Program(['dist/bundle/main.js'], { TOOKEN_DATA_DIR: folder }, emptyFolder());
    await until(() => processesOn(folder).length > 0);

    starting.signal('SIGTERM');

    expect(await starting.ended).toBe(0);
    expect(starting.errors).toBe('');
    expect(processesOn(folder)).toEqual([]);
  });
});

describe('SIGKILL', () => {
  it('leaves no database running, and loses no event of an answer that was given', async () => {
    const answered: Answer[] = [];
    const caller = product.as(key);
    const callers = Array.from({ length: 8 }, async () => {
      // Until the killed product no longer answers.
      for (;;) answered.push(await caller.post('/v1/tokens', { name: 'kept', scopes: ['things:read'] }));
    });
    await until(() => answered.length >= 100);

    expect(await product.stop('SIGKILL')).toBeNull();
    await Promise.allSettled(callers);
    await until(() => processesOn(dataDir).length === 0);

    product = await Product.start(settings);
    expect(answered.map(({ status }) => status)).toEqual(answered.map(() => 201));
    expect((await eventsOf(answered)).sort()).toEqual(answered.map(({ requestId }) => requestId).sort());
    expect(product.key).toBeNull();
  });
});

describe('the end of its database', () => {
  it('ends the product with exit code 1 and a word about it; the next start works', async () => {
    const database = await administrator();
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()`,
    );
    await database.end();
    // Connections come back by themselves; the server itself does not.
    await until(async () => (await product.anonymous.get('/readyz')).status === 200);
    for (const pid of processesOn(dataDir)) if (pid !== product.program.pid) process.kill(pid, 'SIGKILL');

    expect(await product.program.ended).toBe(1);
    expect(product.program.output).toContain('the embedded PostgreSQL ended by itself');
    expect(processesOn(dataDir)).toEqual([]);

    product = await Product.start(settings);
    expect((await product.as(key).get('/v1/me')).status).toBe(200);
    expect(await product.stop()).toBe(0);
  });
});

async function administrator(): Promise<pg.Client> {
  const server = await runningEmbedded(dataDir);
  const client = new pg.Client({ connectionString: server!.adminUrl('tooken') });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/**
 * Sends the head of a request and waits until the server has begun it, which `100 Continue` says; what comes back
 * sends its body.
 */
async function beginVerification(url: string, key: string): Promise<() => Promise<Answered>> {
  const body = JSON.stringify({ token: 'tkn_live_none' });
  const request = http.request(`${url}/v1/tokens/verify`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  request.flushHeaders();
  await once(request, 'continue');
  return async () => {
    request.end(body);
    const [answer] = await answered;
    answer.resume();
    return { status: answer.statusCode ?? 0, requestId: String(answer.headers['x-request-id']) };
  };
}

/** Whether new connections are refused. */
async function isDeaf(url: string): Promise<boolean> {
  return new Caller(url).get('/livez').then(
    () => false,
    () => true,
  );
}

/** Request ids of the events that the log has of these answers. */
async function eventsOf(answers: readonly Answered[]): Promise<string[]> {
  const ids = answers.map(({ requestId }) => requestId);
  const found: string[] = [];
  for (let at = 0; at < ids.length; at += 50) {
    const query = new URLSearchParams(
      ids.slice(at, at + 50).map((id): [string, string] => ['request_id', id]),
    );
    const { body } = await product
      .as(key)
      .get<{ data: { request: { id: string } }[] }>(`/v1/audit-events?limit=1000&${query.toString()}`);
    found.push(...body.data.map(({ request }) => request.id));
  }
  return found;
}
