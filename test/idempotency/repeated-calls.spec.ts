import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Forgetting } from '../../src/idempotency/forgetting.js';
import { named, OPERATIONS, type Operation } from '../contract/openapi-document.js';
import { exampleRequest } from '../contract/openapi-requests.js';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { cleanUp, Product, until } from '../support/product.js';
import { SECRET_KEY, World, type Json } from '../support/world.js';

type Issued = Json & { token: string };

const DAY_MS = 86_400_000;
const ISSUE = { name: 'Acme', scopes: ['invoices:read'], metadata: { b: 1, a: [2] } };

const REPEATABLE = OPERATIONS.filter(
  ({ method, parameters, responses, isForm }) =>
    method === 'POST' &&
    !isForm &&
    parameters.some(({ name }) => name === 'Idempotency-Key') &&
    '422' in responses,
);

describe('a call that is sent again with its Idempotency-Key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(async () => {
    await world.close();
    await cleanUp();
  });

  let key: string;
  beforeEach(() => {
    key = randomUUID();
    world.clock.advance(60_000);
  });
  const again = (by: Caller = world.root): Caller => by.with({ 'idempotency-key': key });
  const issue = (by: Caller, body: object = ISSUE): Promise<Answer<Issued>> => by.post('/v1/tokens', body);
  const tokens = async (): Promise<number> => (await world.database.query('select from tokens')).length;

  // First, since the process that is killed has a clock of its own.
  it('gets what it was never told: the server was killed after it had committed, before anybody read its answer', async () => {
    const product = await Product.start({
      DATABASE_URL: world.database.url,
      DATABASE_MIGRATION_URL: world.database.adminUrl,
      TOOKEN_SECRET_KEY: SECRET_KEY.toString('base64'),
    });
    const before = await tokens();
    const { port } = new URL(product.url);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    const body = JSON.stringify(ISSUE);
    socket
      .pause()
      .write(
        `POST /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.rootKey}\r\nIdempotency-Key: ${key}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
      );
    await until(async () => (await tokens()) === before + 1);
    product.program.signal('SIGKILL');
    await product.program.ended;
    socket.destroy();

    const { status, headers, body: token } = await issue(again());
    expect({ status, replayed: headers.get('idempotent-replayed') }).toEqual({
      status: 201,
      replayed: 'true',
    });
    expect(await world.verify(token.token)).toMatchObject({ valid: true, token_id: token.id });
    expect(await tokens()).toBe(before + 1);
  });

  it('is every POST that changes something, and no other', () => {
    const changing = OPERATIONS.filter(
      ({ method, path, security, isForm }) =>
        method === 'POST' &&
        !isForm &&
        security.some((scheme) => 'bearer' in scheme) &&
        !/verify|search|introspect/.test(path),
    );
    expect(REPEATABLE.map(({ path }) => path)).toEqual(changing.map(({ path }) => path));
    expect(REPEATABLE.length).toBeGreaterThan(6);
  });

  it.each(named(REPEATABLE))(
    'gets the same answer, on every instance, changes nothing, and leaves an event of its own: %s',
    async (_name, operation: Operation) => {
      const { path, body } = await exampleRequest(world, operation);
      const first = await again().post(path, body);
      expect(first.status).toBe(operation.success);
      expect(first.headers.get('idempotent-replayed')).toBeNull();
      const before = await everythingButEvents(world);

      const second = await again(world.as(world.rootKey, 1)).post(path, body);

      expect({ status: second.status, text: second.text }).toEqual({
        status: first.status,
        text: first.text,
      });
      expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(await everythingButEvents(world)).toEqual(before);
      const [told, ...more] = await world.eventsOf(first.requestId);
      const [repeated, ...others] = await world.eventsOf(second.requestId);
      expect([...more, ...others]).toEqual([]);
      expect(repeated).toMatchObject({
        ...pick(told!, ['action', 'outcome', 'status', 'target_id', 'target_name', 'actor_id']),
        details: { replayed: true, replayed_event_id: told!.id },
        changes: null,
      });
    },
  );

  it('is the same call whatever the order of its members', async () => {
    const { metadata, ...rest } = ISSUE;
    const first = await issue(again());
    const second = await issue(again(), { metadata: { a: metadata.a, b: metadata.b }, ...rest });
    expect(second.text).toBe(first.text);
  });

  it('fifty times at once, on two instances, makes one token', async () => {
    const before = await tokens();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_each, at) => issue(again(world.as(world.rootKey, at % 2)))),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(await tokens()).toBe(before + 1);
    // A machine that is busy may have told some to come back: 503, of which nothing else is to be expected.
    for (const answer of answers.filter(({ status }) => status !== 201 && status !== 503))
      expect(answer).toBeProblem('conflict');
    for (const { requestId } of answers.filter(({ status }) => status !== 503))
      expect(await world.eventsOf(requestId)).toHaveLength(1);
    expect((await issue(again())).text).toBe(made[0]!.text);
  });

  it('after a failure is tried anew', async () => {
    expect(await issue(again(), { ...ISSUE, scopes: [] })).toBeProblem('invalid_request', ['scopes']);
    await world.database.query('revoke insert on audit_events from tooken_app');
    expect(await issue(again())).toBeProblem('unavailable');
    await world.database.query('grant insert on audit_events to tooken_app');
    const made = await issue(again());
    expect(made.status).toBe(201);
    expect(made.headers.get('idempotent-replayed')).toBeNull();
  });

  it('is another call when another caller makes it, in another environment or another workspace too', async () => {
    const callers = [
      world.root,
      world.as((await world.apiKey()).key),
      world.as((await world.apiKey({ environment: 'test' })).key),
      world.as((await world.workspace('Other')).key),
      world.as((await world.token({ scopes: ['tokens:write', 'invoices:read'] })).token),
    ];
    const made = [];
    for (const caller of callers) made.push(await issue(again(caller)));
    expect(made.map(({ status }) => status)).toEqual(callers.map(() => 201));
    expect(new Set(made.map(({ body }) => body.token)).size).toBe(callers.length);
    expect(made.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(callers.map(() => null));
  });

  it('gets nothing once its caller is stopped, suspended or has lost the scope', async () => {
    const admin = await world.apiKey();
    const issuer = await world.token({ scopes: ['tokens:write', 'invoices:read'] });
    for (const secret of [admin.key, issuer.token])
      expect((await issue(again(world.as(secret)))).status).toBe(201);

    await world.root.patch(`/v1/tokens/${issuer.id}`, { enabled: false });
    expect(await issue(again(world.as(issuer.token)))).toBeProblem('unauthorized');
    await world.root.patch(`/v1/tokens/${issuer.id}`, { enabled: true, scopes: ['invoices:read'] });
    expect(await issue(again(world.as(issuer.token)))).toBeProblem('forbidden');
    await world.root.delete(`/v1/tokens/${issuer.id}`);
    await world.root.delete(`/v1/api-keys/${admin.id}`);
    for (const secret of [admin.key, issuer.token]) {
      expect(await issue(again(world.as(secret)))).toBeProblem('unauthorized');
    }
  });

  it('belongs to the credential, not to its value: a key that was regenerated gets its answers', async () => {
    const admin = await world.apiKey();
    const first = await issue(again(world.as(admin.key)));
    const { body } = await world.root.post<{ key: string }>(`/v1/api-keys/${admin.id}/regenerate`);
    expect(await issue(again(world.as(admin.key)))).toBeProblem('unauthorized');
    expect((await issue(again(world.as(body.key)))).text).toBe(first.text);
  });

  it('is a new call after 24 hours, to the millisecond; and what was kept is gone', async () => {
    world.clock.hold();
    const first = await issue(again());
    world.clock.advance(DAY_MS - 1);
    expect((await issue(again())).text).toBe(first.text);
    world.clock.advance(1);
    const [another, kept] = [await issue(again()), await issue(again())];
    expect(another.status).toBe(201);
    expect(another.body.token).not.toBe(first.body.token);
    expect(kept.text).toBe(another.text);

    const rows = (): Promise<unknown[]> => world.database.query('select from idempotent_answers');
    await Promise.all(world.apps.map((app) => app.get(Forgetting, { strict: false }).run()));
    expect((await issue(again())).text).toBe(another.text);
    world.clock.advance(DAY_MS);
    await Promise.all(world.apps.map((app) => app.get(Forgetting, { strict: false }).run()));
    expect(await rows()).toEqual([]);
  });

  it('leaves neither its key nor its secret in the database, nor a hash that could be tried', async () => {
    const { body } = await issue(again());
    const revoked = await again(world.root)
      .with({ 'idempotency-key': `${key}2` })
      .post('/v1/api-keys/revoke', { api_key: 'weak-one' });
    expect(revoked.status).toBe(204);
    const stored = await everythingStored(world.database);
    for (const text of [key, body.token, body.token.slice(9, -6)]) {
      expect(stored).not.toContain(text);
      expect(stored).not.toContain(Buffer.from(text).toString('hex'));
      expect(stored).not.toContain(Buffer.from(text).toString('base64').slice(0, -4));
    }
  });
});

/** All but what tells of the past, and what follows from that. */
/** Nor how far the notices have followed them. */
async function everythingButEvents(world: World): Promise<unknown[]> {
  const tables = await world.database.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'public' and table_name not like 'audit\\_%' and table_name <> 'webhook_cursors' order by 1`,
  );
  const rows = [];
  for (const { name } of tables) {
    rows.push(await world.database.query(`select t::text from ${name} t order by 1`));
  }
  return rows;
}

function pick(row: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
