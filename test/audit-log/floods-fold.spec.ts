import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditRecorder } from '../../src/audit-log/audit-recorder.js';
import { SINGLE_REFUSALS } from '../../src/audit-log/floods/flood-counter.js';
import { unavailable } from '../../src/platform/database/unavailable.js';
import { anotherAddress } from '../support/addresses.js';
import type { Answer, Caller } from '../support/caller.js';
import { face } from '../support/face.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World, type EventJson } from '../support/world.js';

const MINUTE = 60_000;
const AT_ONCE = 20;

interface Recorded {
  request_id: string;
  status: number;
  count: number;
}

let world: World;
/** How the ids of a test's requests begin, so that its events can be found. */
let prefix: string;
let tests = 0;
let requests = 0;

const log: string[] = [];
beforeAll(async () => {
  world = await World.start({
    instances: 2,
    env: { TOOKEN_TRUST_PROXY: '127.0.0.1' },
    onLog: (line) => log.push(line),
  });
});
afterAll(() => world.close());
beforeEach(() => {
  prefix = `flood-${String((tests += 1))}-`;
  // The minute of a test ends when the test says so.
  world.clock.hold();
});

/** Sends the request from an address, under an id that this test can find again. */
function from(address: string, caller: Caller, path = '/v1/me', body?: object): Promise<Answer> {
  const id = `${prefix}${String((requests += 1))}`;
  return caller
    .with({ 'x-forwarded-for': address, 'x-request-id': id })
    .send(body === undefined ? 'GET' : 'POST', path, body);
}

/** Does the work as often, one after the other. */
async function times<Result>(count: number, work: (at: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < count; at++) results.push(await work(at));
  return results;
}

const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status);
const repeated = <Value>(count: number, value: Value): Value[] => Array<Value>(count).fill(value);

function recorded(): Promise<Recorded[]> {
  return world.database.query<Recorded>(
    `select request_id, status, count from audit_events where request_id like $1 order by id`,
    [`${prefix}%`],
  );
}

const sumOf = (events: { count: number }[]): number => events.reduce((sum, { count }) => sum + count, 0);

/** Ends the minute, and waits until so many answers are on record. */
async function whenTheMinuteEnds(answers: number): Promise<Recorded[]> {
  world.clock.advance(MINUTE);
  let events = await recorded();
  while (sumOf(events) < answers) events = await recorded();
  return events;
}

/** What the API shows of a fold. */
async function foldOf(request: Answer, query = 'log=instance', by = world.root): Promise<EventJson> {
  const [event, ...more] = await world.events(`${query}&request_id=${request.requestId}`, by);
  expect(more).toEqual([]);
  return event!;
}

describe('a flood of refused requests', () => {
  it('is answered as ever twenty times in a minute, then with 429 and how long the minute lasts', async () => {
    const address = anotherAddress();
    const refuse = () => from(address, world.as(unissued()));
    for (const answer of await times(SINGLE_REFUSALS, refuse)) expect(answer).toBeProblem('unauthorized');

    const [folded] = await times(3, refuse);
    expect(folded).toBeProblem('rate_limited');
    expect(Object.keys(folded!.body).sort()).toEqual(['error', 'message', 'request_id']);
    expect(folded!.headers.get('retry-after')).toBe('60');
    expect(folded!.headers.get('www-authenticate')).toBeNull();
    world.clock.advance(15_500);
    expect((await refuse()).headers.get('retry-after')).toBe('45');
    world.clock.advance(44_499);
    expect((await refuse()).headers.get('retry-after')).toBe('1');
    world.clock.advance(1);
    expect(await refuse()).toBeProblem('unauthorized');
  });

  it('makes one event of the rest, written when the minute ends', async () => {
    const address = '203.0.113.7';
    const refuse = () => from(address, world.anonymous(), '/v1/tokens');
    await times(SINGLE_REFUSALS, refuse);
    const first = await refuse();
    const firstAt = world.clock.now();
    world.clock.advance(10_000);
    await times(11, refuse);
    const lastAt = world.clock.now();
    expect(await recorded()).toEqual(
      repeated(SINGLE_REFUSALS, expect.objectContaining({ count: 1, status: 401 })),
    );

    const events = await whenTheMinuteEnds(SINGLE_REFUSALS + 12);
    expect(events).toHaveLength(SINGLE_REFUSALS + 1);
    expect(await foldOf(first)).toMatchObject({
      action: 'token.list',
      outcome: 'denied',
      reason: 'rate_limited',
      count: 12,
      environment: null,
      actor: { type: 'anonymous', id: null, name: null, hint: null },
      target: null,
      request: { id: first.requestId, method: 'GET', route: '/v1/tokens', status: 429, ip: address },
      changes: null,
      details: {
        folded: 'missing_credential',
        first_at: new Date(firstAt).toISOString(),
        last_at: new Date(lastAt).toISOString(),
      },
    });
    // At the end of the minute, when it was written: a log that had been read up to then lacks nothing.
    expect((await foldOf(first)).occurred_at).toBe(new Date(world.clock.now()).toISOString());
  });

  it('keeps nobody out whose credential is good, from the same address', async () => {
    const address = anotherAddress();
    const token = await world.token({ scopes: ['tokens:verify'] });
    await times(2 * SINGLE_REFUSALS, () => from(address, world.as(unissued())));
    for (const caller of [world.root, world.as(token.token)]) {
      expect((await from(address, caller)).status).toBe(200);
      expect(await from(address, caller, '/v1/me?unknown=1')).toBeProblem('invalid_request');
    }
    // Nor what is no refusal of theirs, however often: a verification, a thing that is not there.
    const verify = () =>
      from(address, world.as(token.token), '/v1/tokens/verify', { token: unissued('tkn') });
    const look = () => from(address, world.root, '/v1/tokens/token_00000000000000000000000000');
    const count = SINGLE_REFUSALS + 5;
    expect(statuses(await times(count, verify))).toEqual(repeated(count, 200));
    expect(statuses(await times(count, look))).toEqual(repeated(count, 404));
    const events = await recorded();
    expect(events).toHaveLength(SINGLE_REFUSALS + 4 + 2 * count);
    expect(events.filter((event) => event.count !== 1)).toEqual([]);
  });

  it('from one address leaves the others as they were; one who has an IPv6 address has all of its /64', async () => {
    const refuse = (address: string) => from(address, world.as(unissued()));
    await times(SINGLE_REFUSALS, (at) => refuse(`2001:db8:ffff:1::${(at + 1).toString(16)}`));
    expect(statuses([await refuse('2001:db8:ffff:1:abcd::1')])).toEqual([429]);
    await times(SINGLE_REFUSALS, (at) => refuse(at % 2 === 0 ? '198.51.100.1' : '::ffff:198.51.100.1'));
    expect(statuses([await refuse('198.51.100.1')])).toEqual([429]);
    for (const other of ['2001:db8:ffff:2::1', '2001:db8:ffff::1', '198.51.100.2', anotherAddress()]) {
      expect(await refuse(other)).toBeProblem('unauthorized');
    }
  });

  it('counts what each of its callers sees by itself: a token that may not keeps its 403s', async () => {
    const address = anotherAddress();
    const [one, other] = [await world.token({ name: 'Greedy' }), await world.token()];
    const refuse = (token: { token: string }) => from(address, world.as(token.token), '/v1/tokens');
    await times(SINGLE_REFUSALS, () => from(address, world.as(unissued())));
    expect(statuses(await times(SINGLE_REFUSALS, () => refuse(one)))).toEqual(repeated(SINGLE_REFUSALS, 403));
    const first = await refuse(one);
    expect(first).toBeProblem('rate_limited');
    expect(await refuse(other)).toBeProblem('forbidden');

    await whenTheMinuteEnds(2 * SINGLE_REFUSALS + 2);
    expect(await foldOf(first, 'outcome=denied')).toMatchObject({
      reason: 'rate_limited',
      count: 1,
      environment: 'live',
      actor: { type: 'token', id: one.id, name: 'Greedy' },
      details: { folded: 'insufficient_scope' },
    });
  });

  it('folds, too, where credentials stand that must not stand there', async () => {
    const address = anotherAddress();
    const misplace = (by: Caller) => from(address, by, `/v1/me?api_key=${unissued()}`);
    const answers = await times(SINGLE_REFUSALS + 3, () => misplace(world.anonymous()));
    expect(statuses(answers)).toEqual([...repeated(SINGLE_REFUSALS, 400), ...repeated(3, 429)]);
    // Who is known is told what is wrong, and each time it is recorded.
    expect(await misplace(world.root)).toBeProblem('credential_in_url');
    const events = await whenTheMinuteEnds(answers.length + 1);
    expect(events).toHaveLength(SINGLE_REFUSALS + 2);
  });
});

describe('when the answers of a flood change', () => {
  it('tells nothing of what a value once was', async () => {
    const dead = await deadValues();
    const instances = [0, 1].map(() => anotherAddress());
    const values = times(AT_ONCE, async (at) => (at % 2 === 0 ? unissued() : dead[at % dead.length]!.secret));
    const mixed = [
      ...(await values),
      ...dead.map(({ secret }) => secret),
      unissued(),
      mistyped(world.rootKey),
    ];
    // One guesses values, of which some were good once; the other has nothing but nonsense.
    const [guesses, nonsense] = [
      await times(mixed.length, (at) => from(instances[0]!, world.as(mixed[at]!))),
      await times(mixed.length, () => from(instances[1]!, world.as('nonsense'))),
    ];
    expect(guesses.map(face)).toEqual(nonsense.map(face));
    expect(statuses(guesses.slice(SINGLE_REFUSALS))).toEqual(repeated(mixed.length - SINGLE_REFUSALS, 429));

    // While their owner is told of each.
    await whenTheMinuteEnds(2 * mixed.length);
    for (const { id, secret, reason } of dead) {
      const folded = guesses.find((_answer, at) => at >= SINGLE_REFUSALS && mixed[at] === secret);
      expect(await foldOf(folded!, '')).toMatchObject({
        actor: { id },
        reason: 'rate_limited',
        count: 1,
        details: { folded: reason },
      });
    }
  });
});

describe('the sum of the counts', () => {
  it('is the number of the answers, over minutes and instances, and the rows are few', async () => {
    const minutes = 3;
    const addresses = ['203.0.113.50', anotherAddress()];
    const asks = await everyKind();
    /** Of every answer: where it was counted, and as what. */
    const answered: { id: string; status: number; isRefusal: boolean; origin: string; kind: string }[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      for (let batch = 0; batch < 40; batch++) {
        const sent = Array.from({ length: AT_ONCE }, async () => {
          const [instance, address, ask] = [anyOf([0, 1]), anyOf(addresses), anyOf(asks)];
          const answer = await from(address, ask.as(instance), ask.path);
          const origin = [minute, instance, address, ask.status, ask.caller].join(' ');
          const kind = [origin, ask.what, ask.path].join(' ');
          expect([ask.status, ask.isRefusal ? 429 : ask.status]).toContain(answer.status);
          const { requestId: id, status } = answer;
          answered.push({ id, status, isRefusal: ask.isRefusal, origin, kind });
        });
        await Promise.all(sent);
      }
      if (minute < minutes - 1) world.clock.advance(MINUTE);
    }
    const events = await whenTheMinuteEnds(answered.length);
    expect(sumOf(events)).toBe(answered.length);

    // Every answer but a 429 has an event of its own, and each kind of 429 has one for a minute.
    const single = answered.filter(({ status }) => status !== 429);
    const singles = events.filter(({ status }) => status !== 429);
    expect(singles.map(({ request_id }) => request_id).sort()).toEqual(single.map(({ id }) => id).sort());
    expect(singles.filter(({ count }) => count !== 1)).toEqual([]);
    const folds = tally(answered.filter(({ status }) => status === 429).map(({ kind }) => kind));
    expect(
      events
        .filter(({ status }) => status === 429)
        .map(({ count }) => count)
        .sort(byValue),
    ).toEqual([...folds.values()].sort(byValue));
    // However many refusals there were, twenty of an origin were recorded by themselves.
    const refused = tally(answered.filter(({ isRefusal }) => isRefusal).map(({ origin }) => origin));
    const passed = tally(single.filter(({ isRefusal }) => isRefusal).map(({ origin }) => origin));
    for (const [origin, count] of refused) {
      expect(passed.get(origin)).toBe(Math.min(count, SINGLE_REFUSALS));
    }
    expect(Math.max(...refused.values())).toBeGreaterThan(5 * SINGLE_REFUSALS);
  }, 120_000);

  it('counts no answer that left without its event', async () => {
    for (const instance of [0, 1]) {
      const { text } = await world.anonymous(instance).get('/metrics');
      expect(text).toMatch(/^audit_missing_total 0$/m);
    }
  });
});

describe('the event of a flood', () => {
  const flood = async (instance = 0): Promise<number> => {
    const address = anotherAddress();
    return (await times(SINGLE_REFUSALS + 7, () => from(address, world.as(unissued(), instance)))).length;
  };
  const counts = async () => (await recorded()).map(({ count }) => count).filter((count) => count > 1);

  it('is written once the database takes it, if it does not when the minute ends', async () => {
    const answers = await flood();
    await world.database.query('revoke insert on audit_events from tooken_app');
    world.clock.advance(MINUTE);
    // The looks for what has ended go on while these are refused to be recorded.
    const until = performance.now() + 1_500;
    while (performance.now() < until) expect((await world.root.get('/v1/me')).status).toBe(503);
    expect(sumOf(await recorded())).toBe(SINGLE_REFUSALS);
    await world.database.query('grant insert on audit_events to tooken_app');
    await whenTheMinuteEnds(answers);
    expect(await counts()).toEqual([7]);
  });

  it('is there once, also when no word came back of its being written', async () => {
    const recorder = world.apps[0]!.get(AuditRecorder);
    const record = recorder.record.bind(recorder);
    let unheard = 0;
    recorder.record = async (entry) => {
      await record(entry);
      if (entry.rows.some(({ count }) => count > 1)) {
        unheard += 1;
        throw unavailable(new Error('Connection terminated unexpectedly'));
      }
    };
    try {
      const answers = await flood();
      await whenTheMinuteEnds(answers);
      while (unheard === 0) await recorded();
    } finally {
      recorder.record = record;
    }
    // The try that follows comes upon the event, and with the next flood's it is over.
    await whenTheMinuteEnds(sumOf(await recorded()) + (await flood()));
    expect(await counts()).toEqual([7, 7]);
  });

  it('is written when the product stops, whose minute will not end', async () => {
    const answers = await flood(1);
    expect(sumOf(await recorded())).toBe(SINGLE_REFUSALS);
    for (const app of world.apps) await app.close();
    expect(log.filter((line) => line.includes('could not be recorded'))).toEqual([]);
    expect(sumOf(await recorded())).toBe(answers);
    expect(await counts()).toEqual([7]);
  });
});

interface Dead {
  id: string;
  secret: string;
  reason: string;
}

/** Values that were good once. */
async function deadValues(): Promise<Dead[]> {
  const [regenerated, deleted] = [await world.apiKey(), await world.apiKey()];
  const [revoked, disabled] = [await world.token(), await world.token()];
  await world.root.post(`/v1/api-keys/${regenerated.id}/regenerate`);
  await world.root.delete(`/v1/api-keys/${deleted.id}`);
  await world.root.post(`/v1/tokens/${revoked.id}/revoke`);
  await world.root.patch(`/v1/tokens/${disabled.id}`, { enabled: false });
  return [
    { id: regenerated.id, secret: regenerated.key, reason: 'regenerated_key' },
    { id: deleted.id, secret: deleted.key, reason: 'deleted_key' },
    { id: revoked.id, secret: revoked.token, reason: 'revoked_token' },
    { id: disabled.id, secret: disabled.token, reason: 'disabled_token' },
  ];
}

interface Ask {
  what: string;
  as: (instance: number) => Caller;
  path: string;
  /** Of the answer, while nothing folds. */
  status: number;
  /** Whom it is counted for, if its credential is good. */
  caller: string;
  isRefusal: boolean;
}

/** Refusals of every kind, more than good requests. */
async function everyKind(): Promise<Ask[]> {
  const unable = await world.token();
  const bad = [
    ...(await deadValues()).map(({ secret }) => secret),
    ...[unissued(), mistyped(world.rootKey)],
  ].map((secret, at): [string, (instance: number) => Caller] => [
    `bad ${String(at)}`,
    (instance) => world.as(secret, instance),
  ]);
  const refusals = [...bad, ['missing', (instance: number) => world.anonymous(instance)] as const].flatMap(
    ([what, as]) =>
      ['/v1/me', '/v1/tokens'].map((path) => ({ what, as, path, status: 401, caller: '', isRefusal: true })),
  );
  const by = (secret: string) => (instance: number) => world.as(secret, instance);
  const forbidden = { as: by(unable.token), status: 403, caller: unable.id, isRefusal: true };
  const good = { as: by(world.rootKey), caller: 'root', isRefusal: false };
  return [
    ...refusals,
    { ...forbidden, what: 'scope', path: '/v1/tokens' },
    { ...forbidden, what: 'type', path: '/v1/api-keys' },
    { ...good, what: 'good', path: '/v1/me', status: 200 },
    { ...good, what: 'not there', path: '/v1/tokens/nonsense', status: 404 },
  ];
}

const anyOf = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)]!;
const byValue = (one: number, other: number): number => one - other;

function tally(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
