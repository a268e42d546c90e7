import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everythingStored } from '../support/everything-stored.js';
import { base62, crc32 } from '../support/secret-format.js';
import { World } from '../support/world.js';

describe('creating an API key', () => {
  let world: World;
  const log: string[] = [];
  beforeAll(async () => {
    world = await World.start({ env: { LOG_LEVEL: 'trace' }, onLog: (line) => log.push(line) });
  });
  afterAll(() => world.close());

  it('shows the value in this one answer, and nowhere else ever again', async () => {
    const { id, key } = await world.apiKey({ name: 'shown once' });
    const random = key.slice('tok_live_'.length);

    const later = [
      await world.root.get(`/v1/api-keys/${id}`),
      await world.root.get('/v1/api-keys?limit=100'),
      await world.root.patch(`/v1/api-keys/${id}`, { name: 'renamed' }),
      await world.as(key).get('/v1/me'),
      await world.root.get('/v1/audit-events?limit=1000'),
    ];

    for (const { status, text } of later) {
      expect(status).toBe(200);
      expect(text).not.toContain(random);
    }
    expect(await everythingStored(world.database)).not.toContain(random);
    expect(log.join('')).not.toContain(random);
  });

  it('makes a value of 30 random characters and their CRC-32 in base62', async () => {
    const values = [await world.apiKey({}), await world.apiKey({ environment: 'test' })].map(
      ({ key }) => key,
    );
    expect(values[0]).toMatch(/^tok_live_[0-9A-Za-z]{36}$/);
    expect(values[1]).toMatch(/^tok_test_[0-9A-Za-z]{36}$/);
    for (const value of values) expect(value.slice(-6)).toBe(base62(crc32(value.slice(0, -6))));
  });

  it('answers 201 with the whole key, and says who made it', async () => {
    const me = await world.root.get('/v1/me');
    world.clock.hold();
    const now = world.clock.now();
    const expires_at = new Date(now + 60_000).toISOString();

    const answer = await world.root.post('/v1/api-keys', { name: 'CI', environment: 'test', expires_at });

    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
      name: 'CI',
      environment: 'test',
      hint: `tok_test_…${String(answer.body.key).slice(-4)}`,
      created_at: new Date(now).toISOString(),
      created_by: { type: 'api_key', id: me.body.id, name: me.body.name },
      expires_at,
      last_used_at: null,
      last_used_ip: null,
      regenerated_at: null,
      key: expect.any(String),
    });
    await expect(answer).toHaveAudited(world, {
      action: 'api_key.create',
      outcome: 'success',
      reason: null,
      actor_id: me.body.id as string,
      target_id: answer.body.id as string,
    });
  });

  it('is live and has no expiry unless told', async () => {
    expect(await world.apiKey()).toMatchObject({ environment: 'live', expires_at: null });
    expect(await world.apiKey({ expires_at: null })).toMatchObject({ expires_at: null });
  });

  it('refuses an expiry that is not in the future, to the millisecond', async () => {
    world.clock.hold();
    const at = (milliseconds: number) => new Date(world.clock.now() + milliseconds).toISOString();
    for (const expires_at of [at(0), at(-1), '1999-12-31T23:59:59Z']) {
      const answer = await world.root.post('/v1/api-keys', { name: 'late', expires_at });
      expect(answer).toBeProblem('invalid_request', ['expires_at']);
    }
    expect(await world.apiKey({ expires_at: at(1) })).toMatchObject({ expires_at: at(1) });
  });

  it('lists every fault at once', async () => {
    const faulty = { name: '', environment: 'prod', expires_at: 'tomorrow', id: 'key_1', hint: 'x' };
    const answer = await world.root.post('/v1/api-keys', faulty);
    expect(answer).toBeProblem('invalid_request', Object.keys(faulty));
    await expect(answer).toHaveAudited(world, {
      action: 'api_key.create',
      outcome: 'failure',
      reason: 'invalid_request',
    });
  });

  // Only the service knows the clock, and it is asked after the fields were found good.
  it('lists an expiry in the past beside the other faults', async () => {
    const answer = await world.root.post('/v1/api-keys', { name: '', expires_at: '1999-12-31T23:59:59Z' });
    expect(answer).toBeProblem('invalid_request', ['name', 'expires_at']);
  });

  it.each([
    ['no body', undefined, ['name']],
    ['a list', [], ['']],
    ['a name of 121 characters', { name: 'x'.repeat(121) }, ['name']],
    ['a name with a line break', { name: 'a\nb' }, ['name']],
    ['a name that is no string', { name: 1 }, ['name']],
    ['no name but null', { name: null }, ['name']],
    ['an environment that is null', { name: 'x', environment: null }, ['environment']],
    ['a value of one’s own', { name: 'x', key: 'tok_live_mine' }, ['key']],
  ])('refuses %s, and makes no key', async (_what, body, fields) => {
    const before = await world.root.get('/v1/api-keys?limit=100');
    expect(await world.root.post('/v1/api-keys', body)).toBeProblem('invalid_request', fields);
    const after = await world.root.get<{ data: { id: string }[] }>('/v1/api-keys?limit=100');
    expect(after.body.data.map(({ id }) => id)).toEqual(
      (before.body as typeof after.body).data.map(({ id }) => id),
    );
  });
});
