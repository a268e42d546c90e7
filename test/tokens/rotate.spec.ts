import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

type Rotated = Json & { token: string; hint: string; previous_expires_at: string | null };

const DAY_MS = 86_400_000;

describe('rotating a token', () => {
  let world: World;
  const rotate = (id: string, body?: object, instance = 0) =>
    world.as(world.rootKey, instance).post<Rotated>(`/v1/tokens/${id}/rotate`, body);
  const finish = (id: string, instance = 0) =>
    world.as(world.rootKey, instance).post<Rotated>(`/v1/tokens/${id}/rotate/finish`);
  const read = async (id: string) => (await world.root.get<Json>(`/v1/tokens/${id}`)).body;
  const iso = (at: number) => new Date(at).toISOString();
  /** Whether a value holds, the same for every instance, as a caller's credential and when it is verified. */
  const holds = async (value: string): Promise<boolean> => {
    const found = new Set<boolean>();
    for (const instance of [0, 1]) {
      found.add((await world.as(value, instance).get('/v1/me')).status === 200);
      found.add((await world.verify(value, {}, world.as(world.rootKey, instance))).valid);
    }
    expect(found.size).toBe(1);
    return found.has(true);
  };

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('gives it a new value under the same id, and the old one is over at once, everywhere', async () => {
    const { token: old, ...before } = await world.token({ subject: 'partner_42', metadata: { plan: 'pro' } });
    world.clock.advance(5);
    const answer = await rotate(before.id);
    expect(answer.status).toBe(200);
    const { token, hint, ...after } = answer.body;
    expect({ ...after, hint: before.hint }).toEqual({ ...before, rotated_at: iso(world.clock.now()) });
    expect(hint).not.toBe(before.hint);
    expect(hint.slice(-4)).toBe(token.slice(-4));
    expect(await holds(token)).toBe(true);
    expect(await holds(old)).toBe(false);
    await expect(answer).toHaveAudited(world, {
      action: 'token.rotate',
      outcome: 'success',
      target_id: before.id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({
      changes: [{ field: 'hint', from: before.hint, to: hint }],
      details: { grace_period_seconds: 0 },
    });
    expect(JSON.stringify(event)).not.toContain(token);
    expect(await read(before.id)).not.toHaveProperty('token');
  });

  it('with a grace lets both values hold until it ends, exactly', async () => {
    const { id, token: old } = await world.token({ scopes: ['tokens:read'] });
    const { body } = await rotate(id, { grace_period_seconds: 60 });
    const end = world.clock.now() + 60_000;
    expect(body.previous_expires_at).toBe(iso(end));
    expect((await world.verify(old)).expires_at).toBe(iso(end));
    world.clock.hold(end - 1);
    for (const value of [old, body.token]) expect(await holds(value)).toBe(true);
    world.clock.hold(end);
    expect(await holds(old)).toBe(false);
    expect(await holds(body.token)).toBe(true);
    expect(await world.verify(old)).toMatchObject({ valid: false, code: 'expired' });
  });

  it('takes a grace of 30 days', async () => {
    const { id, token } = await world.token();
    const { body } = await rotate(id, { grace_period_seconds: 2_592_000 });
    expect(body.previous_expires_at).toBe(iso(world.clock.now() + 30 * DAY_MS));
    expect(await holds(token)).toBe(true);
  });

  it('lets no value outlive the token, whatever its grace', async () => {
    const { id, token: old } = await world.token({ expires_in: 60 });
    const { body } = await rotate(id, { grace_period_seconds: 3600 });
    world.clock.advance(60_000);
    for (const value of [old, body.token]) expect(await holds(value)).toBe(false);
  });

  it('again during a grace leaves two values: the oldest ends at once, the one before gets the new grace', async () => {
    const { id, token: first } = await world.token();
    const second = (await rotate(id, { grace_period_seconds: 3600 })).body;
    const third = (await rotate(id, { grace_period_seconds: 60 })).body;
    expect(third).toMatchObject({
      previous_expires_at: iso(world.clock.now() + 60_000),
      previous: { hint: second.hint },
    });
    expect(await holds(first)).toBe(false);
    for (const { token } of [second, third]) expect(await holds(token)).toBe(true);
    const fourth = (await rotate(id)).body;
    for (const { token } of [second, third]) expect(await holds(token)).toBe(false);
    expect(await holds(fourth.token)).toBe(true);
    expect(fourth).toMatchObject({ previous_expires_at: null, previous: null });
  });

  it('is finished before its grace is over, at once and everywhere; again is no error', async () => {
    const { id, token: old } = await world.token();
    const { token, ...rotated } = (await rotate(id, { grace_period_seconds: 3600 })).body;
    world.clock.advance(10);
    expect(await holds(old)).toBe(true);
    const answer = await finish(id, 1);
    const end = iso(world.clock.now());
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, previous_expires_at: end, previous: { expires_at: end } });
    expect(await holds(old)).toBe(false);
    expect(await holds(token)).toBe(true);
    await expect(answer).toHaveAudited(world, {
      action: 'token.finish_rotation',
      outcome: 'success',
      target_id: id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event?.changes).toEqual([
      { field: 'previous_expires_at', from: rotated.previous_expires_at, to: end },
    ]);
    world.clock.advance(10);
    const again = await finish(id);
    expect(again.status).toBe(200);
    expect(again.body.previous_expires_at).toBe(end);
    expect((await world.events(`request_id=${again.requestId}`))[0]).toMatchObject({
      outcome: 'success',
      changes: null,
    });
    expect(await holds(token)).toBe(true);
  });

  it('has nothing to finish before it, without a grace, or after that', async () => {
    const { id } = await world.token();
    expect((await finish(id)).status).toBe(200);
    await rotate(id);
    expect(await finish(id)).toMatchObject({ status: 200, body: { previous_expires_at: null } });
    const { body } = await rotate(id, { grace_period_seconds: 1 });
    world.clock.advance(1_000);
    expect((await finish(id)).body.previous_expires_at).toBe(body.previous_expires_at);
  });

  it('may give the token another expiry, for both values', async () => {
    const { id, token: old } = await world.token({ expires_in: 60 });
    const expires_at = iso(world.clock.now() + 120_000);
    const answer = await rotate(id, { expires_at, grace_period_seconds: 3600 });
    expect(answer.body).toMatchObject({ expires_at });
    expect((await world.events(`request_id=${answer.requestId}`))[0]?.changes).toContainEqual(
      expect.objectContaining({ field: 'expires_at', to: expires_at }),
    );
    world.clock.advance(119_999);
    for (const value of [old, answer.body.token]) expect(await holds(value)).toBe(true);
    world.clock.advance(1);
    for (const value of [old, answer.body.token]) expect(await holds(value)).toBe(false);
    const other = await world.token({ expires_in: 60 });
    expect((await rotate(other.id, { expires_at: null })).body.expires_at).toBeNull();
    expect((await rotate(other.id)).body.expires_at).toBeNull();
  });

  it('keeps it what it is: its prefix, its suspension, its descendants', async () => {
    const parent = await world.token({ prefix: 'acme', scopes: ['tokens:write', 'things:read'] });
    const child = await world.token({}, world.as(parent.token));
    await world.root.patch(`/v1/tokens/${parent.id}`, { enabled: false });
    const { body } = await rotate(parent.id);
    expect(body.token).toMatch(/^acme_live_/);
    expect(body.status).toBe('disabled');
    await world.root.patch(`/v1/tokens/${parent.id}`, { enabled: true });
    for (const value of [body.token, child.token]) expect(await holds(value)).toBe(true);
  });

  it('revoked during a grace ends both values', async () => {
    const { id, token: old } = await world.token();
    const { token } = (await rotate(id, { grace_period_seconds: 3600 })).body;
    await world.root.post(`/v1/tokens/${id}/revoke`);
    for (const value of [old, token]) {
      expect(await world.verify(value)).toMatchObject({ code: 'revoked' });
      expect((await world.as(value, 1).get('/v1/me')).status).toBe(401);
    }
  });

  it.each([
    ['without a grace leaves one value that holds', 0, 1],
    ['with a grace leaves two', 3600, 2],
  ])('50 times at once on two instances %s', async (_, grace_period_seconds, living) => {
    const { id, token: old } = await world.token();
    // All wait for one row: on a busy machine some wait in vain, are told so, and come again.
    const surely = async (instance: number): Promise<Answer<Rotated>> => {
      const answer = await rotate(id, { grace_period_seconds }, instance);
      return answer.status === 503 ? surely(instance) : answer;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, (__, n) => surely(n % 2)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const values = [old, ...answers.map(({ body }) => body.token)];
    const items = values.map((token) => ({ token }));
    const { body } = await world.root.post<{ results: { valid: boolean }[] }>('/v1/tokens/verify-batch', {
      items,
    });
    expect(body.results.filter(({ valid }) => valid)).toHaveLength(living);
    expect(new Set(answers.map(({ body: { hint } }) => hint)).size).toBe(50);
    // What the log tells is one rotation after the other: each began where another had ended.
    const events = await world.events(`action=token.rotate&outcome=success&target_id=${id}&limit=100`);
    const steps = events.flatMap(({ changes }) => changes ?? []).filter(({ field }) => field === 'hint');
    const last = (await read(id)).hint;
    expect(new Set(steps.map(({ from }) => from)).size).toBe(50);
    expect(steps.filter(({ to }) => !steps.some(({ from }) => from === to)).map(({ to }) => to)).toEqual([
      last,
    ]);
  });
});
