import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everythingStored } from '../support/everything-stored.js';
import { unissued } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

type Key = Json & { key: string };
type Me = Record<string, unknown> & { created_by: { id: string } };

describe('TOOKEN_LEGACY_CREDENTIALS=query,body', () => {
  let world: World;
  let one: Key;
  let other: Key;
  const log: string[] = [];
  beforeAll(async () => {
    const env = { TOOKEN_LEGACY_CREDENTIALS: 'query,body', LOG_LEVEL: 'trace' };
    world = await World.start({ env, onLog: (line) => log.push(line) });
    one = await world.apiKey({ name: 'one' });
    other = await world.apiKey({ name: 'other' });
  });
  beforeEach(() => world.clock.advance(61_000));
  afterAll(() => world.close());

  it('accepts a credential in the URL, of a token too', async () => {
    const { id, token } = await world.token();
    expect((await world.anonymous().get(`/v1/me?api_key=${one.key}`)).body.id).toBe(one.id);
    expect((await world.anonymous().get(`/v1/me?api_key=${token}`)).body.id).toBe(id);
  });

  it('accepts a credential in the body, which the call then never sees', async () => {
    const body = { name: 'made by one', api_key: one.key };
    const { status, body: made } = await world.anonymous().post<Me>('/v1/api-keys', body);
    expect(status).toBe(201);
    expect(made.created_by.id).toBe(one.id);
  });

  it('looks at the header first, then at the URL, then at the body', async () => {
    const makers = [
      await world
        .as(one.key)
        .post<Me>(`/v1/api-keys?api_key=${other.key}`, { name: 'x', api_key: other.key }),
      await world.anonymous().post<Me>(`/v1/api-keys?api_key=${one.key}`, { name: 'x', api_key: other.key }),
    ];
    for (const { body } of makers) expect(body.created_by.id).toBe(one.id);
  });

  it('does not try the next place when the first is refused', async () => {
    for (const answer of [
      await world.as(unissued()).get(`/v1/me?api_key=${one.key}`),
      await world.anonymous().with({ authorization: 'Bearer' }).get(`/v1/me?api_key=${one.key}`),
      await world.anonymous().post(`/v1/api-keys?api_key=${unissued()}`, { name: 'x', api_key: one.key }),
      await world.anonymous().post('/v1/api-keys?api_key=', { name: 'x', api_key: one.key }),
    ]) {
      expect(answer).toBeProblem('unauthorized');
    }
  });

  it.each(['', 'not-a-secret', `%20${unissued()}`, `${unissued()}&api_key=${unissued()}`])(
    'refuses ?api_key=%s as malformed',
    async (value) => {
      const answer = await world.anonymous().get(`/v1/me?api_key=${value}`);
      expect(answer).toBeProblem('unauthorized');
      await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'malformed_credential' });
    },
  );

  it('still has the field of the call that stops a key by its value', async () => {
    const { key } = await world.apiKey();
    expect(await world.anonymous().post('/v1/api-keys/revoke', { api_key: key })).toBeProblem('unauthorized');
    const answer = await world.anonymous().post(`/v1/api-keys/revoke?api_key=${one.key}`, { api_key: key });
    expect(answer.status).toBe(204);
    expect(await world.as(key).get('/v1/me')).toBeProblem('unauthorized');
  });

  it('is no part of the call: one that is repeated with its Idempotency-Key may carry it elsewhere', async () => {
    const headers = { 'idempotency-key': 'legacy-1' };
    const made = await world.anonymous().with(headers).post('/v1/api-keys', { name: 'x', api_key: one.key });
    const again = [
      await world.anonymous().with(headers).post(`/v1/api-keys?api_key=${one.key}`, { name: 'x' }),
      await world.as(one.key).with(headers).post('/v1/api-keys', { name: 'x' }),
    ];
    expect(again.map(({ text }) => text)).toEqual([made.text, made.text]);
  });

  it('logs and stores no value', async () => {
    await world.anonymous().get(`/v1/api-keys?api_key=${one.key}&limit=0`);
    await world.anonymous().post('/v1/api-keys', { name: '', api_key: one.key });
    await world.anonymous().get(`/nowhere?api_key=${one.key}`);
    const random = one.key.slice(9);
    expect(await everythingStored(world.database)).not.toContain(random);
    expect(log.join('')).not.toContain(random);
  });
});

describe('TOOKEN_LEGACY_CREDENTIALS=body', () => {
  it('allows the body and not the URL', async () => {
    const world = await World.start({ env: { TOOKEN_LEGACY_CREDENTIALS: 'body' } });
    try {
      const api_key = world.rootKey;
      const made = await world.anonymous().post('/v1/api-keys', { name: 'x', api_key });
      expect(made.status).toBe(201);
      expect(await world.anonymous().get(`/v1/me?api_key=${api_key}`)).toBeProblem('credential_in_url');
      const both = await world.anonymous().post(`/v1/api-keys?api_key=${api_key}`, { name: 'x', api_key });
      expect(both).toBeProblem('credential_in_url');
    } finally {
      await world.close();
    }
  });
});
