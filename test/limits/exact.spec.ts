import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';

const CALLERS = 20;

type Verified = Json & { code: string; event_id: string; uses_remaining: number | null };

describe('limits, with two instances and many callers at once', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  /** Verifies each of these tokens, by many callers at once, on both instances in turns. */
  const verifyAtOnce = async (tokens: readonly string[]): Promise<Verified[]> => {
    const answers: Verified[] = [];
    const callers = Array.from({ length: CALLERS }, async (_, first) => {
      for (let n = first; n < tokens.length; n += CALLERS) {
        answers.push(
          (await world.verify(tokens[n]!, {}, world.as(world.rootKey, n % 2))) as unknown as Verified,
        );
      }
    });
    await Promise.all(callers);
    return answers;
  };
  const times = (token: string, count: number) => Array.from({ length: count }, () => token);
  const count = (answers: readonly Verified[], code: string) =>
    answers.filter((each) => each.code === code).length;
  /** Each answer left one event that says the same. */
  const expectRecorded = async (answers: readonly Verified[]) => {
    const events = await world.database.query<{ id: string; reason: string | null }>(
      `select id, reason from audit_events where id = any($1)`,
      [answers.map(({ event_id }) => event_id)],
    );
    const reasons = new Map(events.map(({ id, reason }) => [id, reason ?? 'valid']));
    expect(answers.map(({ event_id }) => reasons.get(event_id))).toEqual(answers.map(({ code }) => code));
  };

  it('of 200 verifications of a token with 50 uses exactly 50 are valid, and the events agree', async () => {
    const { id, token } = await world.token({ max_uses: 50 });
    const answers = await verifyAtOnce(times(token, 200));
    expect(count(answers, 'valid')).toBe(50);
    expect(count(answers, 'exhausted')).toBe(150);
    const left = answers.filter(({ code }) => code === 'valid').map((each) => each.uses_remaining);
    expect(left.sort((one, other) => other! - one!)).toEqual(Array.from({ length: 50 }, (_, n) => 49 - n));
    await expectRecorded(answers);
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject({
      status: 'exhausted',
      uses_remaining: 0,
    });
  });

  it('in each window of a rate limit exactly as many are valid as it says', async () => {
    const { token } = await world.token({ rate_limit: { limit: 20, window_seconds: 60 } });
    for (let window = 0; window < 3; window++) {
      const answers = await verifyAtOnce(times(token, 80));
      expect(count(answers, 'valid')).toBe(20);
      expect(count(answers, 'rate_limited')).toBe(60);
      await expectRecorded(answers);
      world.clock.advance(60_000);
    }
  });

  it('a whole family shares what its eldest has, whoever is used, without waiting for each other in a ring', async () => {
    const scopes = ['tokens:write', 'a:b'];
    const top = await world.token({ scopes, max_uses: 60 });
    const middles = [];
    for (const max_uses of [25, 30, 1000])
      middles.push(await world.token({ scopes, max_uses }, world.as(top.token)));
    const leaves = [];
    for (const middle of middles) {
      for (let i = 0; i < 2; i++) leaves.push(await world.token({ scopes: ['a:b'] }, world.as(middle.token)));
    }
    const all = [...leaves, ...middles, top].map(({ token }) => token);
    const answers = await verifyAtOnce(Array.from({ length: 240 }, (_, n) => all[(n * 7) % all.length]!));
    const perToken = (id: string) =>
      answers.filter(({ code, token_id }) => code === 'valid' && token_id === id).length;
    expect(count(answers, 'valid')).toBe(60);
    expect(count(answers, 'exhausted')).toBe(180);
    for (const [at, most] of [25, 30].entries()) {
      const [one, other] = leaves.slice(2 * at, 2 * at + 2);
      expect(perToken(middles[at]!.id) + perToken(one!.id) + perToken(other!.id)).toBeLessThanOrEqual(most);
    }
    await expectRecorded(answers);
  });

  it('batches of one request are as exact', async () => {
    const { token } = await world.token({ max_uses: 150 });
    const items = times(token, 100).map((each) => ({ token: each }));
    const batches = await Promise.all(
      [0, 1, 0].map((instance) =>
        world.as(world.rootKey, instance).post<{ results: Verified[] }>('/v1/tokens/verify-batch', { items }),
      ),
    );
    const answers = batches.flatMap(({ body }) => body.results);
    expect(count(answers, 'valid')).toBe(150);
    expect(count(answers, 'exhausted')).toBe(150);
    await expectRecorded(answers);
    // In each batch the valid ones come first: its items are decided in their order.
    for (const { body } of batches) {
      const codes = body.results.map(({ code }) => code);
      expect(codes).toEqual([...codes].sort((one, other) => other.localeCompare(one)));
    }
  });

  it('what cannot be recorded is answered 503 and counts nothing', async () => {
    const { id, token } = await world.token({ max_uses: 5 });
    await world.verify(token);
    await world.database.query('revoke insert on audit_events from tooken_app');
    const refused = await Promise.all(
      [0, 1, 0, 1].map((instance) => world.as(world.rootKey, instance).post('/v1/tokens/verify', { token })),
    );
    await world.database.query('grant insert on audit_events to tooken_app');
    for (const answer of refused) expect(answer).toBeProblem('unavailable');
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject({ uses_remaining: 4 });
    const answers = await verifyAtOnce(times(token, 8));
    expect(count(answers, 'valid')).toBe(4);
  });

  it('one event that the database refuses fails alone, and what is counted is what was answered', async () => {
    const { id, token } = await world.token({ max_uses: 1000 });
    const poisoned = await world.token({ name: 'poison', max_uses: 1000 });
    await world.database.query(`
      create function refuse_poison() returns trigger language plpgsql as $$ begin
        if new.target_id = '${poisoned.id}' then
          raise exception 'refused' using errcode = 'check_violation'; end if;
        return new; end $$`);
    await world.database.query(
      'create trigger poison before insert on audit_events for each row execute function refuse_poison()',
    );
    const tokens = Array.from({ length: 24 }, (_, n) => (n % 12 === 5 ? poisoned.token : token));
    const answers = await Promise.all(
      tokens.map((each, n) => world.as(world.rootKey, n % 2).post('/v1/tokens/verify', { token: each })),
    );
    await world.database.query('drop trigger poison on audit_events');
    for (const [n, { status }] of answers.entries()) expect(status).toBe(n % 12 === 5 ? 503 : 200);
    const left = async (of: string) => (await world.root.get(`/v1/tokens/${of}`)).body.uses_remaining;
    expect(await left(id)).toBe(1000 - 22);
    expect(await left(poisoned.id)).toBe(1000);
  });

  it('connections that are cut in the middle leave no use without its event, and none with two', async () => {
    const { id, token } = await world.token({ max_uses: 100_000 });
    let isOver = false;
    const callers = Array.from({ length: 8 }, async (_, n) => {
      while (!isOver) await world.as(world.rootKey, n % 2).post('/v1/tokens/verify', { token });
    });
    for (let i = 0; i < 6; i++) {
      const [{ uses } = { uses: 0 }] = await counted(id);
      await world.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'tooken limits'`,
      );
      // The next cut comes once some have been counted since the last.
      const deadline = performance.now() + 10_000;
      while (((await counted(id))[0]?.uses ?? 0) <= uses) {
        if (performance.now() > deadline) throw new Error('nothing is counted any more');
      }
    }
    isOver = true;
    await Promise.all(callers);
    const [valid] = await world.database.query<{ count: number }>(
      `select count(*)::int from audit_events
        where target_id = $1 and action = 'token.verify' and outcome = 'success'`,
      [id],
    );
    expect((await counted(id))[0]!.uses).toBe(valid!.count);
  });

  const counted = (id: string) =>
    world.database.query<{ uses: number }>(
      'select uses::int as uses from token_counters where token_id = $1',
      [id],
    );
});
