import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';

describe('the limits of a token', () => {
  let world: World;
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const read = async (id: string) => (await world.root.get<Json>(`/v1/tokens/${id}`)).body;
  const codes = async (token: string, times: number, ask: object = {}) => {
    const seen: string[] = [];
    for (let i = 0; i < times; i++) seen.push((await world.verify(token, ask)).code);
    return seen;
  };

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  describe('max_uses', () => {
    it('are as many valid answers, each of which says how many are left; then it is exhausted for good', async () => {
      const { id, token } = await world.token({ max_uses: 3 });
      for (const uses_remaining of [2, 1, 0]) {
        expect(await world.verify(token)).toMatchObject({ valid: true, uses_remaining, rate_limit: null });
      }
      world.clock.advance(365 * 86_400_000);
      const answer = await world.root.post('/v1/tokens/verify', { token });
      expect(answer.body).toMatchObject({ valid: false, code: 'exhausted', uses_remaining: 0 });
      await expect(answer).toHaveAudited(world, {
        action: 'token.verify',
        outcome: 'denied',
        reason: 'exhausted',
        target_id: id,
      });
    });

    it('show in the token how many are left, and that it is exhausted', async () => {
      const { id, token, ...issued } = await world.token({ max_uses: 2 });
      expect(issued).toMatchObject({ status: 'active', max_uses: 2, uses_remaining: 2 });
      await world.verify(token);
      expect(await read(id)).toMatchObject({ status: 'active', max_uses: 2, uses_remaining: 1 });
      await world.verify(token);
      expect(await read(id)).toMatchObject({ status: 'exhausted', max_uses: 2, uses_remaining: 0 });
      const { body } = await world.root.get<{ data: Json[] }>('/v1/tokens?status=exhausted');
      expect(body.data.map((each) => each.id)).toContain(id);
    });

    it('make an exhausted token no credential, while its calls to Tooken count as no uses', async () => {
      const { id, token } = await world.token({ max_uses: 1, scopes: ['tokens:read'] });
      for (let i = 0; i < 3; i++) expect((await world.as(token).get('/v1/tokens?limit=1')).status).toBe(200);
      expect(await read(id)).toMatchObject({ uses_remaining: 1 });
      expect(await codes(token, 1)).toEqual(['valid']);
      const refused = await world.as(token).get('/v1/me');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, { outcome: 'denied', reason: 'exhausted', actor_id: id });
    });

    it('are not used by an answer that is not valid', async () => {
      const { id, token } = await world.token({
        max_uses: 1,
        rate_limit: { limit: 1, window_seconds: 60 },
        scopes: ['a:b'],
        allowed_ips: ['10.0.0.0/8'],
        not_before: at(1000),
        expires_at: at(5000),
      });
      const right = { client_ip: '10.0.0.1', scopes: ['a:b'] };
      expect(await codes(token, 1, right)).toEqual(['not_yet_valid']);
      world.clock.advance(1000);
      expect(await codes(token, 1)).toEqual(['ip_not_allowed']);
      expect(await codes(token, 1, { ...right, scopes: ['c:d'] })).toEqual(['insufficient_scope']);
      await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
      expect(await codes(token, 1, right)).toEqual(['disabled']);
      await world.root.patch(`/v1/tokens/${id}`, { enabled: true });
      const left = { uses_remaining: 1, rate_limit: { limit: 1, remaining: 1, reset_at: at(60_000) } };
      expect(await world.verify(token)).toMatchObject({ code: 'ip_not_allowed', ...left });
      expect(await world.verify(token, right)).toMatchObject({ code: 'valid', uses_remaining: 0 });
      expect(await world.verify(token, { ...right, scopes: ['c:d'] })).toMatchObject({
        code: 'insufficient_scope',
        uses_remaining: 0,
      });
      expect(await codes(token, 1, right)).toEqual(['exhausted']);
    });
  });

  describe('rate_limit', () => {
    const rate_limit = { limit: 2, window_seconds: 10 };

    it('begins a window with the first use, and says what is left of it and when it ends', async () => {
      const { id, token } = await world.token({ rate_limit });
      expect(await read(id)).toMatchObject({ rate_limit, status: 'active', uses_remaining: null });
      const reset_at = at(10_000);
      expect(await world.verify(token)).toMatchObject({
        valid: true,
        uses_remaining: null,
        rate_limit: { limit: 2, remaining: 1, reset_at },
      });
      world.clock.advance(9_999);
      expect(await world.verify(token)).toMatchObject({ rate_limit: { limit: 2, remaining: 0, reset_at } });
      const answer = await world.root.post('/v1/tokens/verify', { token });
      expect(answer.body).toMatchObject({
        valid: false,
        code: 'rate_limited',
        rate_limit: { limit: 2, remaining: 0, reset_at },
      });
      await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'rate_limited', target_id: id });
      expect(await read(id)).toMatchObject({ status: 'active' });
      expect((await world.as(token).get('/v1/me')).status).toBe(200);
      world.clock.advance(1);
      expect(await world.verify(token)).toMatchObject({
        valid: true,
        rate_limit: { limit: 2, remaining: 1, reset_at: at(10_000) },
      });
    });

    it('lets no more than twice its limit, less one, into any stretch as long as a window', async () => {
      const { token } = await world.token({ rate_limit });
      expect(await codes(token, 1)).toEqual(['valid']);
      world.clock.advance(9_999);
      expect(await codes(token, 2)).toEqual(['valid', 'rate_limited']);
      world.clock.advance(1);
      expect(await codes(token, 3)).toEqual(['valid', 'valid', 'rate_limited']);
      world.clock.advance(9_998);
      expect(await codes(token, 1)).toEqual(['rate_limited']);
    });

    it('is not used, nor its window lengthened, by what it refuses', async () => {
      const { token } = await world.token({ rate_limit, max_uses: 3 });
      await codes(token, 2);
      world.clock.advance(5_000);
      expect(await codes(token, 3)).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
      world.clock.advance(5_000);
      // Exhausted comes before rate limited, in the contract's order.
      expect(await codes(token, 3)).toEqual(['valid', 'exhausted', 'exhausted']);
    });

    it('can be set, changed and removed; what the running window has counted stays counted', async () => {
      const { id, token } = await world.token();
      const change = (to: object | null) => world.root.patch(`/v1/tokens/${id}`, { rate_limit: to });
      expect(await codes(token, 2)).toEqual(['valid', 'valid']);
      const set = await change(rate_limit);
      expect(set.body).toMatchObject({ rate_limit });
      const [event] = await world.events(`request_id=${set.requestId}`);
      expect(event?.changes).toEqual([{ field: 'rate_limit', from: null, to: rate_limit }]);
      expect(await codes(token, 3)).toEqual(['valid', 'valid', 'rate_limited']);
      await change({ limit: 3, window_seconds: 10 });
      expect(await codes(token, 2)).toEqual(['valid', 'rate_limited']);
      await change({ limit: 1, window_seconds: 10 });
      expect(await world.verify(token)).toMatchObject({ code: 'rate_limited', rate_limit: { remaining: 0 } });
      await change(null);
      expect(await codes(token, 3)).toEqual(['valid', 'valid', 'valid']);
      expect(await world.verify(token)).toMatchObject({ rate_limit: null });
    });
  });

  describe('bind what descends from it:', () => {
    it('a use counts against it and each of its ancestors, and the fewest left are told', async () => {
      const scopes = ['tokens:write', 'a:b'];
      const top = await world.token({ scopes, max_uses: 4 });
      const middle = await world.token({ scopes, max_uses: 100 }, world.as(top.token));
      const leaf = await world.token({ scopes: ['a:b'], max_uses: 2 }, world.as(middle.token));
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'valid', uses_remaining: 1 });
      expect(await world.verify(middle.token)).toMatchObject({ code: 'valid', uses_remaining: 2 });
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'valid', uses_remaining: 0 });
      expect(await codes(leaf.token, 1)).toEqual(['exhausted']);
      expect(await world.verify(top.token)).toMatchObject({ code: 'valid', uses_remaining: 0 });
      expect(await codes(middle.token, 1)).toEqual(['exhausted']);
      expect(await read(top.id)).toMatchObject({ status: 'exhausted', uses_remaining: 0 });
      expect(await read(middle.id)).toMatchObject({ status: 'exhausted', uses_remaining: 97 });
      expect(await world.as(middle.token).get('/v1/me')).toBeProblem('unauthorized');
    });

    it('one without limits of its own has theirs, and the event names whose it was', async () => {
      const rate_limit = { limit: 1, window_seconds: 60 };
      const top = await world.token({ scopes: ['tokens:write', 'a:b'], rate_limit });
      const leaf = await world.token({ scopes: ['a:b'] }, world.as(top.token));
      const other = await world.token({ scopes: ['a:b'] }, world.as(top.token));
      expect(leaf).toMatchObject({ rate_limit: null });
      const left = { limit: 1, remaining: 0, reset_at: at(60_000) };
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'valid', rate_limit: left });
      const refused = await world.verify(other.token);
      expect(refused).toMatchObject({ code: 'rate_limited', rate_limit: left });
      const { body } = await world.root.get(`/v1/audit-events/${String(refused.event_id)}`);
      expect(body).toMatchObject({ target: { id: other.id }, details: { limited_by: top.id } });
    });

    it('what one refuses counts against none', async () => {
      const top = await world.token({ scopes: ['tokens:write', 'a:b'], max_uses: 5 });
      const leaf = await world.token({ scopes: ['a:b'], max_uses: 1 }, world.as(top.token));
      expect(await codes(leaf.token, 3)).toEqual(['valid', 'exhausted', 'exhausted']);
      expect(await read(top.id)).toMatchObject({ uses_remaining: 4 });
    });
  });

  it('are decided in a batch in the order of its items, with one event each', async () => {
    const limited = await world.token({ max_uses: 40, rate_limit: { limit: 30, window_seconds: 10 } });
    const free = await world.token();
    const items = Array.from({ length: 100 }, (_, n) => ({ token: n % 2 ? limited.token : free.token }));
    const ask = async () => {
      const answer = await world.root.post<{
        results: { code: string; uses_remaining: number | null; event_id: string }[];
      }>('/v1/tokens/verify-batch', { items });
      const events = await world.eventsOf(answer.requestId);
      const reasons = new Map(events.map(({ id, reason }) => [id, reason ?? 'valid']));
      expect(answer.body.results.map(({ event_id }) => reasons.get(event_id))).toEqual(
        answer.body.results.map(({ code }) => code),
      );
      return answer.body.results.filter((_, n) => n % 2);
    };
    const first = await ask();
    const valid = Array.from({ length: 30 }, (_, n) => ({ code: 'valid', uses_remaining: 39 - n }));
    expect(first).toMatchObject([
      ...valid,
      ...Array.from({ length: 20 }, () => ({ code: 'rate_limited', uses_remaining: 10 })),
    ]);
    world.clock.advance(10_000);
    expect((await ask()).map(({ code }) => code)).toEqual([
      ...Array.from({ length: 10 }, () => 'valid'),
      ...Array.from({ length: 40 }, () => 'exhausted'),
    ]);
  });

  it('are decided in a batch by what its earlier items have left, also where another limit refuses already', async () => {
    const top = await world.token({ scopes: ['tokens:write', 'a:b'], max_uses: 2 });
    const rate_limit = { limit: 1, window_seconds: 60 };
    const leaf = await world.token({ scopes: ['a:b'], rate_limit }, world.as(top.token));
    expect(await codes(leaf.token, 2)).toEqual(['valid', 'rate_limited']);
    const { body } = await world.root.post<{ results: { code: string }[] }>('/v1/tokens/verify-batch', {
      items: [{ token: top.token }, { token: leaf.token }],
    });
    expect(body.results.map(({ code }) => code)).toEqual(['valid', 'exhausted']);
  });

  it.each<[object, string[]]>([
    [{ max_uses: 0 }, ['max_uses']],
    [{ max_uses: 1.5 }, ['max_uses']],
    [{ max_uses: '5' }, ['max_uses']],
    [{ rate_limit: {} }, ['rate_limit.limit', 'rate_limit.window_seconds']],
    [{ rate_limit: { limit: 0, window_seconds: 60 } }, ['rate_limit.limit']],
    [{ rate_limit: { limit: 1, window_seconds: 31_536_001 } }, ['rate_limit.window_seconds']],
    [{ rate_limit: { limit: 1, window_seconds: 1, burst: 1 } }, ['rate_limit.burst']],
    [{ rate_limit: 5, max_uses: -1 }, ['max_uses', 'rate_limit']],
  ])('are refused when they are none: %j', async (body, fields) => {
    const answer = await world.root.post('/v1/tokens', { name: 'asked', scopes: ['a:b'], ...body });
    expect(answer).toBeProblem('invalid_request', fields);
  });
});
