import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

type Key = Json & { key: string };

describe('the environments of API keys', () => {
  let world: World;
  let live: Key;
  let test: Key;
  beforeAll(async () => {
    world = await World.start();
    live = await world.apiKey({ name: 'live' });
    test = await world.apiKey({ name: 'test', environment: 'test' });
  });
  afterAll(() => world.close());

  const ids = async (by: Caller) =>
    (await by.get<{ data: Json[] }>('/v1/api-keys?limit=100')).body.data.map(({ id }) => id);

  it('lets a live key manage keys of both', async () => {
    const by = world.as(live.key);
    expect(await ids(by)).toEqual(expect.arrayContaining([live.id, test.id]));
    const made = await world.apiKey({ environment: 'test' }, by);
    expect(made.environment).toBe('test');
    expect((await by.patch(`/v1/api-keys/${made.id}`, { name: 'renamed' })).status).toBe(200);
    expect((await by.post(`/v1/api-keys/${made.id}/regenerate`)).status).toBe(200);
    expect((await by.delete(`/v1/api-keys/${made.id}`)).status).toBe(204);
  });

  it('shows a test key only its own', async () => {
    expect(await ids(world.as(test.key))).toEqual([test.id]);
    expect((await world.as(test.key).get(`/v1/api-keys/${test.id}`)).status).toBe(200);
  });

  it('has no live key for a test key: 404, and nothing happens to it', async () => {
    const by = world.as(test.key);
    for (const answer of [
      await by.get(`/v1/api-keys/${live.id}`),
      await by.patch(`/v1/api-keys/${live.id}`, { name: 'taken' }),
      await by.post(`/v1/api-keys/${live.id}/regenerate`),
      await by.delete(`/v1/api-keys/${live.id}`),
    ]) {
      expect(answer).toBeProblem('not_found');
      await expect(answer).toHaveAudited(world, {
        outcome: 'failure',
        reason: 'not_found',
        environment: 'test',
      });
    }
    expect((await world.as(live.key).get('/v1/me')).body.name).toBe('live');
  });

  it('lets a test key make test keys only: 403 for a live one', async () => {
    const by = world.as(test.key);
    const refused = await by.post('/v1/api-keys', { name: 'climbing', environment: 'live' });
    expect(refused).toBeProblem('forbidden');
    expect(refused.body.required_scopes).toEqual([]);
    await expect(refused).toHaveAudited(world, { action: 'api_key.create', outcome: 'denied' });
    expect(await world.apiKey({ environment: 'test' }, by)).toMatchObject({ environment: 'test' });
    expect(await world.apiKey({}, by)).toMatchObject({ environment: 'test' });
  });
});
