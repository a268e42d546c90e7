import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anotherAddress } from '../support/addresses.js';
import type { Answer, Caller } from '../support/caller.js';
import { account, PASSWORD, person } from '../support/people.js';
import { routesOf } from '../support/routes.js';
import { until } from '../support/product.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { EVENTS, World } from '../support/world.js';

interface Ask {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Answered extends Ask {
  id: string;
  status: number;
  /** How many decisions the answer holds: in a batch, its items. */
  decisions: number;
}

const AT_LEAST = 3_000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** From here come more refusals of one kind than are told one by one. */
const FLOODING = '203.0.113.7';

interface Recorded {
  request_id: string;
  method: string;
  route: string;
  status: number;
  count: number;
}

describe('one decision, one event', () => {
  let world: World;
  const answers: Answered[] = [];
  let events: Recorded[] = [];
  let founded: number;
  /** Asked while nothing could be recorded. */
  let unrecorded: Answered[];

  beforeAll(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
    // The minute in which refusals fold ends when all is asked.
    world.clock.hold();
    const asks = await everyWayToAsk(world);
    // Whoever lists or removes them meets a 500.
    await world.database.query('alter table passkeys rename column name to gone');
    founded = await countOf(world);
    await sendAll(asks);
    world.clock.advance(60_000);
    await until(async () => (await countOf(world)) >= founded + decisionsOf(decided()));

    await world.database.query('revoke insert on audit_events from tooken_app');
    const asked = answers.length;
    await sendAll(asks.filter(({ method, path }) => method === 'GET' && path === '/v1/me').slice(0, 24));
    unrecorded = answers.slice(asked);
    await world.database.query('grant insert on audit_events to tooken_app');
    events = await world.database.query<Recorded>(
      `select request_id, method, route, status, count from (${EVENTS}) as event where request_id like 'mix-%'`,
    );
  }, 120_000);
  afterAll(() => world.close());

  /** Asks both instances, in turns. */
  async function sendAll(asks: readonly Ask[]): Promise<void> {
    const callers = [0, 1].map((instance) => world.anonymous(instance));
    const first = answers.length;
    const waiting = asks.map((ask, at) => () => answered(callers[at % 2]!, ask, `mix-${String(first + at)}`));
    // Many at once, but not so many that a busy machine has to refuse some with 503.
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) answers.push(await next());
    };
    await Promise.all(Array.from({ length: 24 }, work));
  }

  /** Answers of routes that exist; only those are decisions, and a 503 is one where it could be recorded. */
  const decided = (): Answered[] => {
    const recorded = new Set(events.map(({ request_id }) => request_id));
    return answers.filter(
      ({ id, status, path }) =>
        status !== 405 && !path.startsWith('/v1/nowhere') && (status !== 503 || recorded.has(id)),
    );
  };
  /** Those that share one event. */
  const folded = (): Answered[] =>
    answers.filter(({ status, headers }) => status === 429 && headers?.['x-forwarded-for'] === FLOODING);

  it('is tried with thousands of requests that use every route and meet every status', () => {
    expect(answers.length).toBeGreaterThan(AT_LEAST);
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([
      ...[200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503],
    ]);
    expect(folded().length).toBeGreaterThan(2);
    expect(decided().filter(({ status }) => status === 429).length).toBeGreaterThan(folded().length);
    const used = new Set(events.map(({ method, route }) => `${method} ${route}`));
    const routes = routesOf(world.apps[0]!).filter(({ path }) => /^\/(?:v1|oauth)\//.test(path));
    expect(routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !used.has(route))).toEqual(
      [],
    );
  });

  it('finds the events of every answer, as many as it decided, of its method and status', () => {
    const sharing = new Set(folded());
    const byId = new Map<string, Recorded[]>();
    for (const event of events) byId.set(event.request_id, [...(byId.get(event.request_id) ?? []), event]);
    const wrong = decided().filter((answer) => {
      if (sharing.has(answer)) return false;
      const { id, method, status, decisions } = answer;
      const own = byId.get(id) ?? [];
      return (
        own.length !== decisions || own.some((event) => event.method !== method || event.status !== status)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('finds an answer to every event', () => {
    const ids = new Set(decided().map(({ id }) => id));
    expect(events.filter(({ request_id }) => !ids.has(request_id))).toEqual([]);
  });

  it('makes the sum of the counts the number of the decisions, and writes nothing besides', async () => {
    const sum = events.reduce((total, { count }) => total + count, 0);
    expect(sum).toBe(decisionsOf(decided()));
    expect(await countOf(world)).toBe(founded + sum);
  });

  it('leaves nothing of what no route answers, nor of what could not be recorded', () => {
    expect(unrecorded.map(({ status }) => status)).toEqual(Array(24).fill(503));
    const decisions = new Set(decided().filter((answer) => !unrecorded.includes(answer)));
    const undecided = answers.filter((answer) => !decisions.has(answer));
    expect(undecided.length).toBeGreaterThan(10);
    const ids = new Set(undecided.map(({ id }) => id));
    expect(events.filter(({ request_id }) => ids.has(request_id))).toEqual([]);
  });

  it('counts no answer that left without its event', async () => {
    for (const instance of [0, 1]) {
      const { text } = await world.anonymous(instance).get('/metrics');
      expect(text).toMatch(/^audit_missing_total 0$/m);
    }
  });
});

async function answered(caller: Caller, ask: Ask, id: string): Promise<Answered> {
  const answer = await caller
    // From everywhere: refusals of one address fold, which has its own test.
    .with({ 'x-forwarded-for': anotherAddress(), ...ask.headers, 'x-request-id': id })
    .send(ask.method, ask.path, ask.body);
  expect(answer.requestId).toBe(id);
  return { ...ask, id, status: answer.status, decisions: decisionsIn(answer) };
}

function decisionsIn({ status, body }: Answer): number {
  return status === 200 && Array.isArray(body.results) ? body.results.length : 1;
}

function decisionsOf(answers: readonly Answered[]): number {
  return answers.reduce((total, { decisions }) => total + decisions, 0);
}

async function countOf(world: World): Promise<number> {
  const [row] = await world.database.query<{ sum: number }>('select sum(count)::int from audit_events');
  return row!.sum;
}

/** Every route, asked well and in every wrong way, by every kind of caller; in no order. */
async function everyWayToAsk(world: World): Promise<Ask[]> {
  const wellAsked = await everyRoute(world);
  const credentials = await everyCredential(world);
  const asks = wellAsked.flatMap((ask) => [
    ...credentials.map((authorization) => ({ ...ask, headers: { ...ask.headers, authorization } })),
    ...wrongly(ask, `Bearer ${world.rootKey}`),
  ]);
  const root = { authorization: `Bearer ${world.rootKey}` };
  const nowhere = ['/v1/nowhere', '/v1/nowhere/else', '/v1/nowhere%2Ftokens'].flatMap((path) =>
    ['GET', 'POST', 'DELETE'].map((method) => ({ method, path, headers: root })),
  );
  const wrongMethods = ['/v1/me', '/v1/tokens', '/v1/audit-events', '/v1/api-keys'].flatMap((path) =>
    ['PUT', 'OPTIONS'].map((method) => ({ method, path, headers: root })),
  );
  const all = [...asks, ...nowhere, ...wrongMethods, ...(await everyRouteOfPeople(world)), ...TOO_OFTEN];
  // What costs little is asked again and again.
  const cheap = asks.filter(({ path }) => /^\/(?:v1\/me|v1\/tokens\/verify|oauth\/introspect)$/.test(path));
  const more = Array.from({ length: AT_LEAST - all.length }, (_, at) => cheap[at % cheap.length]!);
  return shuffled([...all, ...more]);
}

/** Refusals of one kind from one address, and guesses at a password from another. */
const TOO_OFTEN: Ask[] = [
  ...Array<Ask>(100).fill({ method: 'GET', path: '/v1/me', headers: { 'x-forwarded-for': FLOODING } }),
  ...Array<Ask>(12).fill({
    method: 'POST',
    path: '/v1/session',
    body: { email: 'guessed@example.com', password: 'wrong' },
    headers: { 'x-forwarded-for': '203.0.113.8' },
  }),
];

/** What people ask for, well and in some wrong ways: without signing in, from another site, with a session that is over. */
async function everyRouteOfPeople(world: World): Promise<Ask[]> {
  const owner = await person(world, 'owner');
  const { id: member } = await account(world, 'developer');
  const over = await person(world, 'admin');
  await over.by.delete('/v1/session');
  const headers = { cookie: owner.cookie, origin: owner.by.url };
  const asks: Ask[] = [
    { method: 'GET', path: '/v1/session' },
    { method: 'GET', path: '/v1/sessions' },
    { method: 'POST', path: '/v1/session/sudo', body: { password: 'wrong' } },
    { method: 'DELETE', path: '/v1/sessions/ses_00000000000000000000000000' },
    { method: 'GET', path: '/v1/account' },
    { method: 'POST', path: '/v1/account/totp' },
    { method: 'POST', path: '/v1/account/totp/confirm', body: { code: '000000' } },
    { method: 'DELETE', path: '/v1/account/totp' },
    { method: 'POST', path: '/v1/account/recovery-codes' },
    { method: 'POST', path: '/v1/account/passkeys/options' },
    { method: 'POST', path: '/v1/account/passkeys', body: { name: 'x', passkey: {} } },
    { method: 'GET', path: '/v1/account/passkeys' },
    { method: 'DELETE', path: '/v1/account/passkeys/passkey_00000000000000000000000000' },
    { method: 'PATCH', path: '/v1/account', body: { name: 'Ada' } },
    { method: 'POST', path: '/v1/account/password', body: { current_password: 'x', new_password: PASSWORD } },
    { method: 'GET', path: '/v1/members' },
    { method: 'PATCH', path: `/v1/members/${member}`, body: { role: 'auditor' } },
    { method: 'DELETE', path: '/v1/members/usr_00000000000000000000000000' },
    { method: 'POST', path: '/v1/members/invitations', body: { email: 'x@example.com', role: 'auditor' } },
    { method: 'GET', path: '/v1/members/invitations' },
    { method: 'DELETE', path: '/v1/members/invitations/inv_00000000000000000000000000' },
    { method: 'GET', path: '/v1/me' },
    { method: 'POST', path: '/v1/api-keys', body: { name: 'by a person' } },
  ];
  const open: Ask[] = [
    { method: 'GET', path: '/v1/setup' },
    { method: 'HEAD', path: '/v1/setup' },
    { method: 'POST', path: '/v1/setup', body: { token: 'x', email: 'a@b', name: 'x', password: PASSWORD } },
    {
      method: 'POST',
      path: '/v1/signup',
      body: { email: 'a@b', name: 'x', password: PASSWORD, workspace: 'x' },
    },
    { method: 'POST', path: '/v1/session', body: { email: over.email, password: PASSWORD } },
    { method: 'POST', path: '/v1/session', body: { email: owner.email, password: 'wrong' } },
    { method: 'POST', path: '/v1/session', body: { email: 'nobody@example.com', password: 'wrong' } },
    { method: 'POST', path: '/v1/session/second-factor', body: { ticket: 'x', code: '000000' } },
    { method: 'POST', path: '/v1/session/passkey/options' },
    { method: 'POST', path: '/v1/session/passkey', body: { passkey: {} } },
    { method: 'POST', path: '/v1/invitations/read', body: { token: 'x' } },
    { method: 'POST', path: '/v1/invitations/accept', body: { token: 'x', password: PASSWORD } },
    { method: 'POST', path: '/v1/account/password/reset', body: { token: 'x', new_password: PASSWORD } },
  ];
  return [
    ...asks.flatMap((ask) => [
      ask,
      { ...ask, headers },
      { ...ask, headers: { ...headers, origin: 'https://elsewhere.example' } },
      { ...ask, headers: { ...headers, cookie: over.cookie } },
      { ...ask, headers: { ...headers, 'x-tooken-workspace': 'nonsense' } },
    ]),
    ...open.flatMap((ask) => [ask, ...wrongly(ask, 'nonsense')]),
    { method: 'DELETE', path: '/v1/session' },
  ];
}

/** One: whoever sends the request again finds it imported. */
function imported(): object {
  return { name: 'theirs', scopes: ['things:read'], value: `theirs-${randomUUID()}` };
}

/** One good request of every route; what is deleted or revoked is there for that alone. */
async function everyRoute(world: World): Promise<Ask[]> {
  const [key, doomed, regenerated] = await Promise.all([1, 2, 3].map(() => world.apiKey()));
  const [token, revoked, removed, rotated] = await Promise.all([1, 2, 3, 4].map(() => world.token()));
  const [event] = await world.events();
  const idOf = (row: { id: string } | undefined): string => row!.id;
  await world.root.post('/v1/scopes', { name: 'known:scope' });
  const item = { token: token!.token };
  const [hook, another] = [await quietWebhook(world.root), await quietWebhook(world.root)];
  const used = { 'idempotency-key': 'used' };
  await world.root.with(used).post('/v1/tokens', { name: 'one', scopes: ['things:read'] });
  return [
    { method: 'POST', path: '/v1/tokens', body: { name: 'other', scopes: ['things:read'] }, headers: used },
    { method: 'POST', path: '/oauth/introspect', body: `token=${token!.token}`, headers: FORM },
    { method: 'POST', path: '/oauth/revoke', body: `token=${unissued('tkn')}`, headers: FORM },
    { method: 'POST', path: '/oauth/token', body: 'grant_type=client_credentials', headers: FORM },
    { method: 'GET', path: '/v1/me' },
    { method: 'HEAD', path: '/v1/me' },
    { method: 'GET', path: '/v1/workspace' },
    { method: 'GET', path: '/v1/workspace/policy-report' },
    { method: 'PATCH', path: '/v1/workspace', body: { name: 'Renamed' } },
    { method: 'POST', path: '/v1/workspaces', body: { name: 'Another' } },
    { method: 'POST', path: '/v1/api-keys', body: { name: 'new' } },
    { method: 'GET', path: '/v1/api-keys?limit=2' },
    { method: 'GET', path: `/v1/api-keys/${idOf(key)}` },
    { method: 'PATCH', path: `/v1/api-keys/${idOf(key)}`, body: { name: 'renamed' } },
    { method: 'POST', path: `/v1/api-keys/${idOf(regenerated)}/regenerate` },
    { method: 'DELETE', path: `/v1/api-keys/${idOf(doomed)}` },
    { method: 'POST', path: '/v1/api-keys/revoke', body: { api_key: unissued() } },
    { method: 'POST', path: '/v1/tokens', body: { name: 'new', scopes: ['things:read'] } },
    { method: 'POST', path: '/v1/tokens/import', body: { items: [imported()] } },
    { method: 'GET', path: '/v1/tokens?limit=2' },
    { method: 'GET', path: `/v1/tokens/${idOf(token)}` },
    { method: 'PATCH', path: `/v1/tokens/${idOf(token)}`, body: { name: 'renamed' } },
    // Once it is revoked, changing it is a conflict.
    { method: 'PATCH', path: `/v1/tokens/${idOf(revoked)}`, body: { name: 'renamed' } },
    { method: 'POST', path: `/v1/tokens/${idOf(revoked)}/revoke`, body: { reason: 'over' } },
    { method: 'POST', path: `/v1/tokens/${idOf(rotated)}/rotate`, body: { grace_period_seconds: 60 } },
    { method: 'POST', path: `/v1/tokens/${idOf(rotated)}/rotate/finish` },
    { method: 'DELETE', path: `/v1/tokens/${idOf(removed)}` },
    { method: 'POST', path: '/v1/tokens/verify', body: item },
    { method: 'POST', path: '/v1/tokens/verify', body: { token: unissued('tkn') } },
    { method: 'POST', path: '/v1/tokens/verify-batch', body: { items: [item, { token: 'x' }, item] } },
    { method: 'POST', path: '/v1/tokens/verify-batch', body: { items: Array(100).fill(item) } },
    { method: 'POST', path: '/v1/tokens/revoke', body: { token: unissued('tkn') } },
    { method: 'POST', path: '/v1/tokens/revoke', body: { filter: { subject: 'nobody' }, dry_run: true } },
    { method: 'POST', path: '/v1/leaks', body: { secret: unissued() } },
    { method: 'POST', path: '/v1/leaks/github', body: [{ token: unissued() }] },
    { method: 'GET', path: '/v1/secret-format' },
    { method: 'GET', path: '/v1/scopes' },
    { method: 'POST', path: '/v1/scopes', body: { name: 'known:scope' } },
    { method: 'PATCH', path: '/v1/scopes/known:scope', body: { description: 'known' } },
    { method: 'DELETE', path: '/v1/scopes/things:read' },
    { method: 'GET', path: '/v1/audit-events?limit=2' },
    { method: 'GET', path: '/v1/audit-events/actions' },
    { method: 'GET', path: '/v1/audit-events/export?format=csv' },
    { method: 'HEAD', path: '/v1/audit-events/export' },
    { method: 'GET', path: '/v1/audit-events/tail' },
    { method: 'HEAD', path: '/v1/audit-events/tail' },
    { method: 'GET', path: `/v1/audit-events/${idOf(event)}` },
    { method: 'GET', path: `/v1/audit-events/${idOf(event)}/proof` },
    { method: 'GET', path: '/v1/audit-events/stats?interval=hour' },
    { method: 'POST', path: '/v1/audit-events/search-by-secret', body: { secret: unissued() } },
    { method: 'GET', path: '/v1/audit-log/checkpoint' },
    { method: 'GET', path: '/v1/audit-log/public-key' },
    { method: 'GET', path: '/v1/audit-log/consistency?from=1' },
    { method: 'GET', path: '/v1/tokens/token_00000000000000000000000000' },
    { method: 'POST', path: '/v1/webhooks', body: { url: 'https://hooks.acme.example/', enabled: false } },
    { method: 'GET', path: '/v1/webhooks' },
    { method: 'GET', path: `/v1/webhooks/${hook.id}` },
    { method: 'PATCH', path: `/v1/webhooks/${hook.id}`, body: { description: 'changed' } },
    { method: 'DELETE', path: `/v1/webhooks/${another.id}` },
    { method: 'POST', path: `/v1/webhooks/${hook.id}/rotate-secret` },
    { method: 'POST', path: `/v1/webhooks/${hook.id}/test` },
    { method: 'GET', path: `/v1/webhooks/${hook.id}/deliveries` },
    { method: 'GET', path: `/v1/webhooks/${hook.id}/deliveries/${hook.delivery}` },
    { method: 'POST', path: `/v1/webhooks/${hook.id}/deliveries/${hook.delivery}/replay` },
  ];
}

/** Values of `Authorization`: some good for everything, some for something, most for nothing. */
async function everyCredential(world: World): Promise<string[]> {
  const other = await world.workspace('Other');
  const testKey = await world.apiKey({ environment: 'test' });
  const able = await world.token({ scopes: ['tokens:*', 'audit:*', 'scopes:*'] });
  const unable = await world.token();
  const revoked = await world.token();
  await world.root.delete(`/v1/tokens/${revoked.id}`);
  const deleted = await world.apiKey();
  await world.root.delete(`/v1/api-keys/${deleted.id}`);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  return [
    ...[world.rootKey, other.key, testKey.key, able.token, unable.token, revoked.token, deleted.key],
    ...[unissued(), unissued('tkn'), mistyped(world.rootKey), 'nonsense', ''],
  ]
    .map((secret) => `Bearer ${secret}`)
    .concat(basic(`:${world.rootKey}`), basic(`somebody:${world.rootKey}`), basic('nobody'), 'Digest x');
}

/** The same request with something wrong that is found before, or instead of, what it asks for. */
function wrongly(ask: Ask, authorization: string): Ask[] {
  const { method, path } = ask;
  const query = path.includes('?') ? '&' : '?';
  const asks: Ask[] = [
    { method, path },
    { ...ask, path: `${path}${query}api_key=${unissued()}`, headers: { ...ask.headers, authorization } },
    { ...ask, path: `${path}${query}unknown=1`, headers: { ...ask.headers, authorization } },
  ];
  if (method === 'GET' || method === 'HEAD') return asks;
  const json = { authorization, 'content-type': 'application/json' };
  return [
    ...asks,
    { method, path, body: '{"name":', headers: json },
    { method, path, body: '{"name":"one","name":"two"}', headers: json },
    { method, path, body: { unknown: true }, headers: json },
    { method, path, body: { api_key: unissued(), name: 'x' }, headers: json },
    { method, path, body: 'name=x', headers: { authorization, 'content-type': 'text/plain' } },
    { method, path, body: { name: 'x'.repeat(70_000) }, headers: json },
    { method, path, body: '{"name":', headers: { 'content-type': 'application/json' } },
    { method, path, body: { name: 'x'.repeat(70_000) }, headers: { 'content-type': 'application/json' } },
  ];
}

function shuffled<T>(list: T[]): T[] {
  return list
    .map((value) => ({ value, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value);
}
