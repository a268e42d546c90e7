import { BlockList, isIPv4 } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AUDIT_ACTIONS } from '../../src/audit-log/audit-actions.js';
import type { Caller } from '../support/caller.js';
import { face } from '../support/face.js';
import { unissued } from '../support/secret-format.js';
import { World, type EventJson as Event } from '../support/world.js';

type EventJson = Event & { index: number | null };

interface Page {
  data: EventJson[];
  next_cursor: string | null;
}

type Filters = Partial<Record<(typeof LISTS)[number], string[]>> & { from?: string; to?: string; q?: string };

const LISTS = [
  ...['action', 'outcome', 'reason', 'actor_type', 'actor_id', 'target_type', 'target_id'],
  ...['ip', 'request_id', 'environment'],
] as const;

const ADDRESSES = ['203.0.113.7', '203.0.113.200', '198.51.100.1', '2001:db8::1', '2001:db8:ffff::1'];
const RANGES = [
  '203.0.113.0/24',
  '203.0.113.128/25',
  '198.51.100.1/32',
  '0.0.0.0/0',
  '2001:db8::/32',
  '::/0',
];
const AGENTS = ['curl/8.5', 'Ärger 100%', 'x'.repeat(600)];
const NAMES = ['Ärger 100%', 'under_score', 'back\\slash', '{"quoted",NULL}', 'null'];

describe('the audit log', () => {
  let world: World;
  let key: string;
  let testKey: string;
  let reader: string;
  /** The log of the workspace as its reader sees it, without what was read of it here; oldest first. */
  let log: EventJson[];
  /** By id: every name and hint under which an actor or a target stands in the log. */
  let names: Names;
  /** After the last event of `log`: the filter that keeps it as it is, for reading leaves events too. */
  let end: string;

  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1,::1' } });
    key = (await world.workspace('Ünïted')).key;
    testKey = (await world.apiKey({ environment: 'test', name: 'for tests' }, world.as(key))).key;
    reader = (await world.token({ name: 'Reader', scopes: ['audit:read'] }, world.as(key))).token;
    await writeLog(world, key, testKey);
    world.clock.advance(1_000);
    end = new Date(world.clock.now()).toISOString();
    log = await sequenced(world.as(key), end);
    names = namesIn([...log, ...(await sequenced(world.as(testKey), end))]);
  }, 60_000);
  afterAll(() => world.close());

  it('shows every event with exactly the fields of the contract', () => {
    for (const event of log) {
      expect(fieldsIn(event)).toEqual(FIELDS);
      expect(event.id).toMatch(/^evt_[0-9a-z]{26}$/);
      expect(event.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const changed = log.find(({ action }) => action === 'token.update');
    expect(changed).toMatchObject({
      index: expect.any(Number),
      environment: 'live',
      action: 'token.update',
      outcome: 'success',
      reason: null,
      count: 1,
      actor: { type: 'api_key', name: 'First key' },
      target: { type: 'token', name: 'Acme' },
      request: { method: 'PATCH', route: '/v1/tokens/:id', status: 200, user_agent: AGENTS[1] },
      changes: [{ field: 'name', from: 'Acme', to: 'ACME renamed' }],
    });
  });

  it.each(LISTS)('finds by %s alone', async (filter) => {
    const values = filter === 'ip' ? [...ADDRESSES, ...RANGES] : valuesOf(log)[filter];
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) {
      const found = await everyPage(world.as(key), { [filter]: [value], to: end });
      expect(idsOf(found)).toEqual(idsOf(select(log, { [filter]: [value] })));
      expect(found.length).toBeGreaterThan(0);
    }
    const [one = '', ...others] = values;
    const both = await everyPage(world.as(key), { [filter]: [one, others.at(-1) ?? one], to: end });
    expect(idsOf(both)).toEqual(idsOf(select(log, { [filter]: [one, others.at(-1) ?? one] })));
  });

  it('finds the actions of a kind by their prefix', async () => {
    const found = await everyPage(world.as(key), { action: ['token.*'], to: end });
    expect(new Set(found.map(({ action }) => action))).toEqual(
      new Set(['token.issue', 'token.update', 'token.read', 'token.list', 'token.verify', 'token.revoke']),
    );
  });

  it('takes `from` as inclusive and `to` as exclusive, to the millisecond', async () => {
    const { occurred_at: at } = log.find(({ action }) => action === 'token.update')!;
    const next = new Date(Date.parse(at) + 1).toISOString();
    const actionsOf = async (from: string, to: string): Promise<string[]> =>
      (await everyPage(world.as(key), { from, to })).map(({ action }) => action);
    expect(await actionsOf(at, next)).toEqual(['token.update']);
    expect(await actionsOf(next, next)).toEqual([]);
    expect(await actionsOf(at, at)).toEqual([]);
    expect(await actionsOf(at.replace('Z', '+00:00'), next)).toEqual(['token.update']);
  });

  it.each([
    ['acme', 'in any case'],
    ['ÄRGER', 'in any case beyond ASCII'],
    ['100%', 'with a per cent sign taken as itself'],
    ['r_s', 'with an underscore taken as itself'],
    ['k\\s', 'with a backslash taken as itself'],
    ['{"quoted",NULL}', 'with what is punctuation of a list taken as itself'],
    ['ünïted', 'in the name of the target'],
    ['tok_live_…', 'in the hint'],
    ['acme renamed', 'under a name it got only later'],
    ['token_', 'in the id'],
  ])('finds %s by q: %s', async (q) => {
    const found = await everyPage(world.as(key), { q, to: end });
    expect(idsOf(found)).toEqual(idsOf(select(log, { q }, names)));
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(log.length);
  });

  it('finds by q as soon as the answer is there, whatever has been sequenced', async () => {
    for (let i = 0; i < 20; i++) {
      const { id } = await world.token({ name: `Brand-new ${String(i)}` }, world.as(key));
      const found = await world.events(`q=BRAND-NEW ${String(i)}&action=token.issue`, world.as(key));
      expect(found[0]?.target?.id).toBe(id);
    }
  });

  it('finds with any combination of filters what a plain reading of them finds', async () => {
    const values = valuesOf(log);
    const some = (list: string[], ...strangers: string[]): fc.Arbitrary<string[] | undefined> =>
      fc.option(fc.uniqueArray(fc.constantFrom(...list, ...strangers), { minLength: 1, maxLength: 3 }), {
        nil: undefined,
      });
    const moment = fc.option(fc.constantFrom(...log.map(({ occurred_at }) => occurred_at)), {
      nil: undefined,
    });
    const filters = fc.record({
      action: some(values.action, 'token.*', 'api_key.*', 'audit.*', 'nothing.*', 'token.verif'),
      outcome: some(['success', 'denied', 'failure']),
      reason: some(values.reason, 'no_such_reason'),
      actor_type: some(['api_key', 'token', 'user', 'system', 'anonymous']),
      actor_id: some(values.actor_id, 'key_nobody'),
      target_type: some(['api_key', 'token', 'scope', 'workspace']),
      target_id: some(values.target_id, 'nothing:here'),
      ip: some([...ADDRESSES, ...RANGES], '192.0.2.1'),
      request_id: some(values.request_id, 'none'),
      environment: some(['live', 'test']),
      from: moment,
      to: moment,
      q: fc.option(fc.constantFrom('acme', 'RENAMED', '%', '_', '\\', '…', 'key_', 'nothing'), {
        nil: undefined,
      }),
    });
    await fc.assert(
      fc.asyncProperty(
        // Few filters at a time, or nothing would ever be found.
        fc.tuple(filters, fc.subarray([...LISTS, 'from', 'q'] as const, { maxLength: 4 })),
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 5, max: 200 }),
        async ([all, chosen], order, limit) => {
          const wanted = Object.fromEntries(
            Object.entries({ ...all }).filter(
              ([name, value]) => value && [...chosen, 'to'].includes(name as 'q'),
            ),
          ) as Filters;
          const query = { ...wanted, to: wanted.to ?? end };
          const found = await everyPage(world.as(reader), query, `order=${order}&limit=${String(limit)}`);
          const expected = idsOf(select(log, wanted, names));
          expect(idsOf(found)).toEqual(order === 'asc' ? expected.reverse() : expected);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it.each(['asc', 'desc'])('pages through every event once while others are written (%s)', async (order) => {
    const caller = world.as((await world.workspace('Busy')).key);
    for (let i = 0; i < 60; i++) await caller.get('/v1/me');
    const present = idsOf(await everyPage(caller, {}));
    let isDone = false;
    const writing = [1, 2, 3].map(async () => {
      while (!isDone) await caller.get('/v1/me');
    });
    // Oldest first it would never end: what matters are those that were there.
    const isEnough = (last: EventJson): boolean => order === 'asc' && last.id > present[0]!;
    const seen = idsOf(await everyPage(caller, {}, `order=${order}&limit=7`, isEnough));
    isDone = true;
    await Promise.all(writing);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(order === 'asc' ? [...seen].sort() : [...seen].sort().reverse());
    expect(present.filter((id) => !seen.includes(id))).toEqual([]);
  });

  it('takes a limit from 1 to 1000, 50 unless told, and says when there is no more', async () => {
    const page = async (query: string): Promise<Page> =>
      (await world.as(key).get<Page>(`/v1/audit-events?to=${end}&${query}`)).body;
    expect((await page('limit=1')).data).toHaveLength(1);
    expect((await page('limit=1')).next_cursor).not.toBeNull();
    expect((await page('limit=1000')).data).toHaveLength(log.length);
    expect((await page('limit=1000')).next_cursor).toBeNull();
    expect((await page(`limit=${String(log.length)}`)).next_cursor).toBeNull();
    expect((await page('')).data).toHaveLength(50);
    for (const limit of ['0', '1001', '-1', '1.5', '1e2', '', 'x']) {
      expect(await world.as(key).get(`/v1/audit-events?limit=${limit}`)).toBeProblem('invalid_request', [
        'limit',
      ]);
    }
  });

  it.each([
    ['unknown=1', 'unknown'],
    ['index=1', 'index'],
    ['actor=key_1', 'actor'],
    ['offset=10', 'offset'],
    ['outcome=maybe', 'outcome[0]'],
    ['actor_type=robot', 'actor_type[0]'],
    ['environment=prod', 'environment[0]'],
    ['ip=10.1', 'ip[0]'],
    ['ip=10.0.0.0/33', 'ip[0]'],
    ['ip=127.0.0.1&ip=nowhere', 'ip[1]'],
    ['action=*', 'action[0]'],
    ['action=token*', 'action[0]'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['order=up', 'order'],
    ['order=asc&order=desc', 'order'],
    ['q=', 'q'],
    ['log=other', 'log'],
    ['cursor=nonsense', 'cursor'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await world.as(key).get(`/v1/audit-events?${query}`);
    expect(answer).toBeProblem('invalid_request', [field]);
    await expect(answer).toHaveAudited(world, {
      action: 'audit.list',
      outcome: 'failure',
      reason: 'invalid_request',
    });
  });

  it('continues only with the filters the cursor came with, whatever the limit', async () => {
    const list = (query: string, by = key): Promise<{ status: number; body: Page }> =>
      world.as(by).get<Page>(`/v1/audit-events?${query}`);
    const first = await list('action=token.*&limit=3');
    const cursor = `cursor=${first.body.next_cursor!}`;
    const second = await list(`limit=10&${cursor}&action=token.*`);
    expect(second.status).toBe(200);
    expect(second.body.data).toHaveLength(10);
    for (const other of [
      'action=token.issue',
      'action=token.*&order=asc',
      'action=token.*&outcome=denied',
      '',
    ]) {
      expect(await world.as(key).get(`/v1/audit-events?${cursor}&${other}`)).toBeProblem('invalid_request', [
        'cursor',
      ]);
    }
    for (const other of [testKey, world.rootKey]) {
      const answer = await world.as(other).get(`/v1/audit-events?${cursor}&action=token.*`);
      expect(answer).toBeProblem('invalid_request', ['cursor']);
    }
  });

  it('shows each environment its own events only', async () => {
    const ofTest = await everyPage(world.as(testKey), { to: end });
    expect(ofTest.length).toBeGreaterThan(0);
    expect(ofTest.filter(({ environment }) => environment === 'live')).toEqual([]);
    expect(log.filter(({ environment }) => environment === 'test')).toEqual([]);
    expect(ofTest.filter(({ actor }) => actor.name === 'First key')).toEqual([]);
    const [own] = ofTest;
    expect((await world.as(testKey).get(`/v1/audit-events/${own!.id}`)).status).toBe(200);
    expect(await world.as(key).get(`/v1/audit-events/${own!.id}`)).toBeProblem('not_found');
    const foreign = log.find(({ environment }) => environment === 'live')!;
    expect(await world.as(testKey).get(`/v1/audit-events/${foreign.id}`)).toBeProblem('not_found');
  });

  it('shows a workspace its own events only', async () => {
    const own = new Set(idsOf(log));
    for (const other of await everyPage(world.root, {}, 'limit=1000')) expect(own.has(other.id)).toBe(false);
    const unknown = await world.root.get('/v1/audit-events/evt_00000000000000000000000000');
    const foreign = await world.root.get(`/v1/audit-events/${log[0]!.id}`);
    expect(unknown).toBeProblem('not_found');
    expect(face(foreign)).toEqual(face(unknown));
    for (const id of ['evt_x', 'key_00000000000000000000000000', '%00', '..', log[0]!.id.toUpperCase()]) {
      expect((await world.root.get(`/v1/audit-events/${id}`)).status).toBe(404);
    }
  });

  it('shows one event by its id as the list shows it', async () => {
    for (const event of log.filter((_event, at) => at % 10 === 0)) {
      const answer = await world.as(reader).get(`/v1/audit-events/${event.id}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(event);
      await expect(answer).toHaveAudited(world, {
        action: 'audit.read',
        outcome: 'success',
        target_id: event.id,
      });
    }
  });

  it('is open to tokens with audit:read, and to no others', async () => {
    const other = await world.token({ scopes: ['tokens:*', 'scopes:*', 'things:read'] }, world.as(key));
    for (const path of ['', '/actions', `/${log[0]!.id}`]) {
      expect((await world.as(reader).get(`/v1/audit-events${path}`)).status).toBe(200);
      const refused = await world.as(other.token).get(`/v1/audit-events${path}`);
      expect(refused).toBeProblem('forbidden');
      expect(refused.body.required_scopes).toEqual(['audit:read']);
    }
  });

  it('shows the log of the instance to the operator workspace only', async () => {
    const refused = await world.as(unissued()).get('/v1/me');
    const [unplaced] = await world.events(`log=instance&request_id=${refused.requestId}`);
    const { index: _, ...event } = unplaced as EventJson;
    expect(event).toMatchObject({ action: 'me.read', outcome: 'denied', reason: 'unknown_credential' });
    expect(await world.events(`request_id=${refused.requestId}`)).toEqual([]);

    const path = `/v1/audit-events/${event.id}`;
    expect((await world.root.get(`${path}?log=instance`)).body).toMatchObject(event);
    expect(await world.root.get(path)).toBeProblem('not_found');
    for (const query of ['/v1/audit-events?log=instance', `${path}?log=instance`]) {
      for (const secret of [key, reader]) {
        const denied = await world.as(secret).get(query);
        expect(denied).toBeProblem('forbidden');
        expect(denied.body.required_scopes).toEqual([]);
      }
    }
    expect((await world.events('log=workspace&limit=1'))[0]!.actor.name).toBe('First key');
  });

  it('lists the actions of the contract, each with what it tells', async () => {
    const { body } = await world
      .as(reader)
      .get<{ data: { action: string; description: string }[] }>('/v1/audit-events/actions');
    expect(body).toEqual({
      data: Object.entries(AUDIT_ACTIONS).map(([action, { description }]) => ({ action, description })),
      next_cursor: null,
    });
    const names = body.data.map(({ action }) => action);
    expect(names).toEqual(expect.arrayContaining(CONTRACT_ACTIONS.split(' ')));
  });
});

/** Contract §6, word for word: logs outlive versions, so none of them ever goes or gets another name. */
const CONTRACT_ACTIONS =
  'api_key.create api_key.list api_key.read api_key.update api_key.regenerate api_key.delete api_key.revoke ' +
  'token.issue token.list token.read token.update token.rotate token.revoke token.revoke_many token.verify ' +
  'token.introspect token.exchange scope.list scope.create scope.update scope.delete audit.list audit.read ' +
  'audit.export audit.tail audit.stats audit.search audit.prove me.read workspace.read workspace.update ' +
  'session.login session.logout session.mfa_enroll session.mfa_remove session.password_change member.invite ' +
  'member.join member.update member.remove';

/** The fields of an event's parts, in their order. */
function fieldsIn({ actor, target, request, changes, ...event }: EventJson): unknown[] {
  const parts = [event, actor, target ?? TARGET, request ?? REQUEST, changes?.[0] ?? CHANGE];
  return parts.map((part) => Object.keys(part));
}

const TARGET = { type: '', id: '', name: '' };
const REQUEST = { id: '', method: '', route: '', status: 0, ip: '', user_agent: '' };
const CHANGE = { field: '', from: '', to: '' };
const FIELDS = [
  'id index occurred_at environment action outcome reason count details',
  'type id name hint',
  ...[TARGET, REQUEST, CHANGE].map((part) => Object.keys(part).join(' ')),
].map((names) => names.split(' '));

/** Some of everything, at a moment of its own each, from several addresses and programs. */
async function writeLog(world: World, key: string, testKey: string): Promise<void> {
  let sent = 0;
  const by = (secret: string): Caller => {
    world.clock.advance(10);
    const headers = {
      'x-forwarded-for': ADDRESSES[sent % ADDRESSES.length]!,
      'user-agent': AGENTS[sent % AGENTS.length]!,
      'x-request-id': `asked-${String(sent)}`,
    };
    sent += 1;
    return world.as(secret).with(headers);
  };
  for (const secret of [key, testKey]) {
    const acme = await world.token({ name: 'Acme', subject: 'partner' }, by(secret));
    await by(secret).patch(`/v1/tokens/${acme.id}`, { name: 'ACME renamed' });
    for (const name of NAMES) await world.token({ name }, by(secret));
    await by(secret).get('/v1/tokens');
    await by(secret).get(`/v1/tokens/${acme.id}`);
    for (const ask of [{}, { scopes: ['other:thing'] }, { client_ip: '10.0.0.1' }]) {
      await by(secret).post('/v1/tokens/verify', { token: acme.token, ...ask });
    }
    await by(secret).post('/v1/tokens/verify-batch', { items: [{ token: acme.token }, { token: 'x' }] });
    await by(acme.token).get('/v1/tokens');
    await by(acme.token).get('/v1/api-keys');
    await by(secret).post('/v1/scopes', { name: 'their:own' });
    await by(secret).post('/v1/scopes', { name: 'their:own' });
    await by(secret).patch('/v1/scopes/their:own', { description: 'described' });
    await by(secret).get('/v1/workspace');
    await by(secret).patch('/v1/workspace', { strict_scopes: false });
    await by(secret).post('/v1/tokens', { name: '' });
    await by(secret).get('/v1/tokens/token_00000000000000000000000000');
    const doomed = await world.apiKey({ name: 'Doomed', environment: 'test' }, by(secret));
    await by(secret).post(`/v1/api-keys/${doomed.id}/regenerate`);
    await by(doomed.key).get('/v1/me');
    await by(secret).delete(`/v1/api-keys/${doomed.id}`);
    await by(secret).post(`/v1/tokens/${acme.id}/revoke`, { reason: 'over' });
    await by(acme.token).get('/v1/me');
    for (let i = 0; i < 40; i++) await by(secret).get('/v1/me');
  }
}

async function everyPage(
  by: Caller,
  filters: Filters,
  rest = 'limit=1000',
  isEnough: (last: EventJson) => boolean = () => false,
): Promise<EventJson[]> {
  const query = new URLSearchParams(rest);
  for (const [name, value] of Object.entries(filters)) {
    for (const each of [value].flat()) query.append(name, each);
  }
  const found: EventJson[] = [];
  for (;;) {
    const { status, body, text: said } = await by.get<Page>(`/v1/audit-events?${query.toString()}`);
    if (status !== 200) throw new Error(`the log answered ${String(status)}: ${said}`);
    found.push(...body.data);
    if (body.next_cursor === null || isEnough(body.data.at(-1)!)) return found;
    query.set('cursor', body.next_cursor);
  }
}

const idsOf = (events: EventJson[]): string[] => events.map(({ id }) => id);

type Names = Map<string, Set<string>>;

/** Whatever name or hint an actor or a target had in any event. */
function namesIn(events: readonly EventJson[]): Names {
  const names: Names = new Map();
  const add = (id: string | null | undefined, ...more: (string | null)[]): void => {
    if (id == null) return;
    names.set(id, new Set([...(names.get(id) ?? []), ...more.filter((each) => each !== null)]));
  };
  for (const { actor, target } of events) {
    add(actor.id, actor.name, actor.hint);
    add(target?.id, target?.name ?? null);
  }
  return names;
}

/** The log until then, once every event in it has its place. */
async function sequenced(by: Caller, to: string): Promise<EventJson[]> {
  for (;;) {
    const log = await everyPage(by, { to }, 'order=asc&limit=1000');
    if (log.every(({ index }) => index !== null)) return log;
  }
}

/** What the filters mean, newest first: the model. */
function select(events: readonly EventJson[], filters: Filters, names: Names = new Map()): EventJson[] {
  return events.filter((event) => matches(event, filters, names)).reverse();
}

function matches(event: EventJson, { from, to, q, ...lists }: Filters, names: Names): boolean {
  const involved = [event.actor.id, event.target?.id].filter((id) => id != null);
  const searched = involved.flatMap((id) => [id, ...(names.get(id) ?? [])]);
  return (
    (from === undefined || Date.parse(event.occurred_at) >= Date.parse(from)) &&
    (to === undefined || Date.parse(event.occurred_at) < Date.parse(to)) &&
    (q === undefined || searched.some((each) => each.toLowerCase().includes(q.toLowerCase()))) &&
    LISTS.every((name) => lists[name]?.some((wanted) => isOne(fieldsOf(event)[name], wanted, name)) ?? true)
  );
}

function isOne(value: string | null | undefined, wanted: string, name: string): boolean {
  if (value == null) return false;
  if (name === 'ip') return isWithin(value, wanted);
  if (name === 'action' && wanted.endsWith('.*')) return value.startsWith(wanted.slice(0, -1));
  return value === wanted;
}

function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = (text: string): 'ipv4' | 'ipv6' => (isIPv4(text) ? 'ipv4' : 'ipv6');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix ?? (isIPv4(network) ? 32 : 128)), family(network));
  return family(network) === family(address) && list.check(address, family(address));
}

function fieldsOf(event: EventJson): Record<(typeof LISTS)[number], string | null | undefined> {
  const { action, outcome, reason, environment, actor, target, request } = event;
  return {
    ...{ action, outcome, reason, environment, ip: request?.ip, request_id: request?.id },
    ...{ actor_type: actor.type, actor_id: actor.id, target_type: target?.type, target_id: target?.id },
  };
}

function valuesOf(events: readonly EventJson[]): Record<(typeof LISTS)[number], string[]> {
  const values = LISTS.map(
    (name) => [name, [...new Set(events.map((event) => fieldsOf(event)[name]))]] as const,
  );
  return Object.fromEntries(
    values.map(([name, list]) => [name, list.filter((value) => value != null)]),
  ) as Record<(typeof LISTS)[number], string[]>;
}
