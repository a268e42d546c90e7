import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignedMemory } from '../../src/audit-log/checkpoints/signed-memory.js';
import { SINGLE_REFUSALS } from '../../src/audit-log/floods/flood-counter.js';
import { anotherAddress, fromEverywhere } from '../support/addresses.js';
import type { Caller } from '../support/caller.js';
import { holdKey } from '../support/held-key.js';
import { account, person } from '../support/people.js';
import { newPasskey, passkeyRow, withApp } from '../support/second-factors.js';
import { unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';
import { ASKABLE, GUARDED, named, type Operation } from './openapi-document.js';
import { ask, exampleRequest, NOW, operation, type Request } from './openapi-requests.js';

let world: World;
/** A token without any scope that an operation could ask for. */
let stranger: string;
beforeAll(async () => {
  world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1', TOOKEN_SIGNUP: 'open' } });
  world.clock.hold(NOW);
  stranger = (await world.token({ scopes: ['things:read'] })).token;
});
afterAll(async () => {
  for (const end of ends) await end();
  await world.close();
});

/** What brings an operation to an error: who asks, and for what. */
type Sent = Pick<Request, 'path' | 'body'>;
type Way = (operation: Operation, request: Request) => [Caller, Sent] | Promise<[Caller, Sent]>;

const WAYS: Record<string, Way[]> = {
  400: [
    (_each, { by, path, body }) => [by, { path: `${path}?nonsense=1`, body }],
    ({ method, body, isForm }, { by, path }) => [
      by,
      // A GET cannot have a body at all, so it gets another fault in its query.
      method === 'GET'
        ? { path: `${path}?limit=1&limit=2&log=a&log=b`, body: undefined }
        : { path, body: isForm ? 'token=%' : body === null ? { nonsense: 1 } : '{' },
    ],
    (_each, { by, path, body }) => [by, { path: `${path}?api_key=${unissued()}`, body }],
  ],
  401: [
    (_each, request) => [world.anonymous(), request],
    (_each, request) => [world.as(unissued()), request],
  ],
  403: [(_each, request) => [world.as(stranger), request]],
  404: [
    async ({ path }, { by, body }) => [
      await whoLacks(path, by),
      {
        path: path
          .replace('{id}', unknownHandle(path))
          .replace('{name}', 'nowhere:known')
          .replace('{delivery_id}', unknownHandle(path)),
        body,
      },
    ],
    async ({ path }, { by, body }) => [
      await whoLacks(path, by),
      { path: path.replace(/\{\w+\}/g, 'nonsense'), body },
    ],
  ],
  409: [
    async ({ path, responses }, request) => {
      if (responses['409']!.description === STILL_RUNNING) return underWay(request);
      if (path === '/v1/audit-events/tail') {
        return [request.by, { path: `${path}?after_index=1000000`, body: undefined }];
      }
      if (path.startsWith('/v1/audit-')) return contradicted(path);
      if (path === '/v1/webhooks') return tooMany(request);
      if (path === '/v1/members/{id}') return lastOwner(request);
      if (path.startsWith('/v1/account/')) return conflicting(path, request);
      if (path === '/v1/members/invitations') {
        const { email } = await account(world, 'auditor');
        return [request.by, { ...request, body: { ...(request.body as object), email } }];
      }
      if (path === '/v1/scopes') await world.root.post(request.path, request.body);
      else await world.root.post(`${request.path.replace(/\/rotate.*/, '')}/revoke`);
      return [world.root, request];
    },
  ],
  413: [(_each, { by, path }) => [by, { path, body: JSON.stringify('x'.repeat(65_536)) }]],
  415: [(_each, request) => [request.by.with({ 'content-type': 'text/plain' }), request]],
  422: [
    async (_each, request) => {
      const caller = world.root.with({ 'idempotency-key': randomUUID() });
      await caller.post('/v1/api-keys', { name: 'another call' });
      return [caller, request];
    },
  ],
};

/** Where nothing else can be in conflict. */
const STILL_RUNNING = 'A request with the same `Idempotency-Key` is still under way.';

/** A call with the same key that does not end. */
async function underWay(request: Request): Promise<[Caller, Sent]> {
  const key = randomUUID();
  ends.push(await holdKey(world, world.root, key));
  return [world.root.with({ 'idempotency-key': key }), request];
}
const ends: (() => Promise<void>)[] = [];

/** Of what everybody has one or none, no id leads to another. */
async function whoLacks(path: string, by: Caller): Promise<Caller> {
  return path === '/v1/account/totp' ? (await person(world, 'owner')).by : by;
}

/** What is there already, or is not there yet. */
async function conflicting(path: string, { by, path: to, body }: Request): Promise<[Caller, Sent]> {
  if (path === '/v1/account/totp') await withApp(world, by);
  if (path === '/v1/account/passkeys/options') {
    for (let i = 0; i < 50; i++) await passkeyRow(world, by);
  }
  if (path === '/v1/account/passkeys') {
    const other = await person(world, 'owner');
    const { device, passkey } = await newPasskey(other.by);
    await other.by.post('/v1/account/passkeys', { name: 'a device', passkey });
    const { body: offered } = await by.post<never>('/v1/account/passkeys/options');
    return [by, { path: to, body: { name: 'the same', passkey: device.create(offered) } }];
  }
  if (path === '/v1/account/totp/confirm' || path === '/v1/account/recovery-codes') {
    return [(await person(world, 'owner')).by, { path: to, body }];
  }
  return [by, { path: to, body }];
}

/** Of a workspace of their own. */
async function lastOwner({ body }: Request): Promise<[Caller, Sent]> {
  const { slug } = await world.workspace('Small');
  const { id, by } = await person(world, 'owner', { slug });
  return [by, { path: `/v1/members/${id}`, body }];
}

/** A log of which more was signed than it has. */
async function contradicted(path: string): Promise<[Caller, Sent]> {
  const { id, key } = await world.workspace('Restored');
  const caller = world.as(key);
  await caller.get('/v1/me');
  const [event] = await world.events('limit=1', caller);
  const signed = { origin: `tooken/${id}`, size: 1_000_000, root: Buffer.alloc(32) };
  await world.apps[0]!.get(SignedMemory, { strict: false }).keep(id, 'note', signed);
  return [caller, { path: path.replace('{id}', event!.id), body: undefined }];
}

/** As many webhooks as a workspace may have. */
async function tooMany(request: Request): Promise<[Caller, Request]> {
  const { id, key } = await world.workspace('Many');
  await world.database.query(
    `insert into webhooks (id, workspace_id, environment, url, enabled, secret_sealed, secret_hint, from_index, created_at,
                           created_by_type)
     select 'wh_' || substr(md5($1 || n), 1, 26), $1, 'live', 'https://hooks.acme.example/', false, '', '', 0, now(), 'system'
       from generate_series(1, 100) as n`,
    [id],
  );
  const caller = world.as(key);
  return [caller, request];
}

/** Every operation can end in these; they have tests of their own below. */
const OF_ALL = ['429', '500', '503'];

describe('the documented request of every operation is accepted, and answered as documented:', () => {
  it.each(named(ASKABLE))('%s', async (_name, each) => {
    const request = await exampleRequest(world, each);
    const answer = await ask(request.by, each, request);
    expect(answer.status).toBe(each.success);
  });
});

describe('every documented error does happen, and is answered as documented, in both shapes:', () => {
  const cases = GUARDED.flatMap((each) =>
    Object.keys(each.responses)
      .filter((status) => Number(status) >= 400 && !OF_ALL.includes(status))
      .map((status): [string, string, Operation] => [`${each.method} ${each.path}`, status, each]),
  );

  it.each(cases)('%s: %s', async (_name, status, each) => {
    const ways = WAYS[status];
    if (ways === undefined) throw new Error(`Tell this file how to bring about a ${status}`);
    for (const way of ways) {
      for (const accept of ['application/json', 'application/problem+json']) {
        const [caller, request] = await way(each, await exampleRequest(world, each));
        const answer = await ask(fromEverywhere(caller.with({ accept })), each, request);
        expect(answer.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
        expect(String(answer.status)).toBe(status);
      }
    }
  });

  it('429 when too many requests from one address were refused', async () => {
    const flooding = world.anonymous().with({ 'x-forwarded-for': anotherAddress() });
    for (let i = 0; i < SINGLE_REFUSALS; i++) await flooding.get('/v1/me');
    for (const each of GUARDED) {
      for (const accept of ['application/json', 'application/problem+json']) {
        const answer = await ask(flooding.with({ accept }), each, await exampleRequest(world, each));
        expect(answer.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
        expect(answer.status).toBe(429);
      }
    }
  });

  it('503 when the event cannot be written, whatever was asked', async () => {
    const requests = new Map<Operation, Request>();
    for (const each of GUARDED) requests.set(each, await exampleRequest(world, each));
    await world.database.query('revoke insert on audit_events from tooken_app');
    try {
      for (const [each, request] of requests) {
        expect((await ask(request.by, each, request)).status).toBe(503);
      }
    } finally {
      await world.database.query('grant insert on audit_events to tooken_app');
    }
  });

  it('503 of /readyz when the database cannot be asked', async () => {
    await world.database.query('revoke select on migrations from tooken_app');
    try {
      const each = operation('GET', '/readyz');
      expect((await ask(world.anonymous(), each, { path: '/readyz', body: undefined })).status).toBe(503);
    } finally {
      await world.database.query('grant select on migrations to tooken_app');
    }
  });

  it('500 when we have made a mistake', async () => {
    await world.database.query('alter table scopes rename to mislaid');
    try {
      const each = operation('GET', '/v1/scopes');
      expect((await ask(world.root, each, { path: '/v1/scopes', body: undefined })).status).toBe(500);
    } finally {
      await world.database.query('alter table mislaid rename to scopes');
    }
  });
});

describe('answers follow the document whatever they are about:', () => {
  it('tokens of every kind and in every state', async () => {
    const past = new Date(NOW + 1000).toISOString();
    const parent = await world.token({
      name: 'everything',
      ...{
        scopes: ['tokens:write', 'things:*'],
        subject: 'partner_42',
        description: 'a\nb',
        metadata: { a: [1] },
      },
      ...{ allowed_ips: ['127.0.0.0/8', '2001:db8::/32'], expires_at: '2027-01-01T00:00:00Z' },
    });
    await world.token({ scopes: ['things:read'] }, world.as(parent.token));
    const ids = {
      pending: (await world.token({ not_before: '2026-12-01T00:00:00+01:00' })).id,
      expired: (await world.token({ expires_at: past })).id,
      disabled: (await world.token()).id,
      revoked: (await world.token()).id,
    };
    await world.root.patch(`/v1/tokens/${ids.disabled}`, { enabled: false });
    await world.root.post(`/v1/tokens/${ids.revoked}/revoke`, { reason: 'gone' });
    world.clock.hold(NOW + 2000);

    for (const [status, id] of Object.entries(ids)) {
      const { body } = await ask(world.root, operation('GET', '/v1/tokens/{id}'), {
        path: `/v1/tokens/${id}`,
        body: undefined,
      });
      expect(body.status).toBe(status);
    }
    const list = await ask(world.root, operation('GET', '/v1/tokens'), {
      path: '/v1/tokens?limit=2',
      body: undefined,
    });
    expect(list.body.next_cursor).toEqual(expect.any(String));
  });

  it('verdicts of every kind', async () => {
    const verify = operation('POST', '/v1/tokens/verify');
    const { token } = await world.token({ subject: 'partner_42', allowed_ips: ['203.0.113.0/24'] });
    const dead = await world.token();
    await world.root.delete(`/v1/tokens/${dead.id}`);
    const verdicts = {
      valid: { token, client_ip: '203.0.113.7' },
      malformed: { token: '' },
      not_found: { token: unissued('tkn') },
      revoked: { token: dead.token },
      ip_not_allowed: { token },
      insufficient_scope: { token, client_ip: '203.0.113.7', scopes: ['things:write'] },
    };
    for (const [code, body] of Object.entries(verdicts)) {
      const answer = await ask(world.root, verify, { path: verify.path, body });
      expect(answer.body.code).toBe(code);
    }
    const batch = operation('POST', '/v1/tokens/verify-batch');
    await ask(world.root, batch, { path: batch.path, body: { items: Object.values(verdicts) } });
  });

  it('callers of both kinds', async () => {
    const me = operation('GET', '/v1/me');
    const { token } = await world.token({ expires_in: 3600 });
    for (const secret of [world.rootKey, token]) {
      await ask(world.as(secret), me, { path: me.path, body: undefined });
    }
  });

  it('events of everything that happened here, in both logs', async () => {
    const list = operation('GET', '/v1/audit-events');
    const seen = new Set<unknown>();
    for (const log of ['workspace', 'instance']) {
      const { body } = await ask(world.root, list, {
        path: `/v1/audit-events?limit=1000&log=${log}`,
        body: undefined,
      });
      for (const { outcome } of body.data as { outcome: string }[]) seen.add(outcome);
    }
    expect([...seen].sort()).toEqual(['denied', 'failure', 'success']);
  });
});

/** A handle of the kind that the path takes, of something that never existed. */
function unknownHandle(path: string): string {
  if (path.includes('invitations')) return 'inv_00000000000000000000000000';
  const prefix = {
    'api-keys': 'key',
    tokens: 'token',
    'audit-events': 'evt',
    webhooks: 'wh',
    sessions: 'ses',
  }[path.split('/')[2] ?? ''];
  return `${prefix ?? 'usr'}_00000000000000000000000000`;
}
