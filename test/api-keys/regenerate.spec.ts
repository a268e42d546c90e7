import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

interface Regenerated {
  id: string;
  key: string;
}

describe('regenerating an API key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it('kills the old value for the very next request, on every instance', async () => {
    const key = await world.apiKey({ name: 'CI' });
    expect((await world.as(key.key, 1).get('/v1/me')).status).toBe(200);

    const answer = await world.root.post<Regenerated>(`/v1/api-keys/${key.id}/regenerate`);

    expect(answer.status).toBe(200);
    expect(answer.body.id).toBe(key.id);
    expect(answer.body.key).not.toBe(key.key);
    for (const instance of [1, 0]) {
      const refused = await world.as(key.key, instance).get('/v1/me');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, {
        action: 'me.read',
        outcome: 'denied',
        reason: 'regenerated_key',
        actor_id: key.id,
      });
      expect((await world.as(answer.body.key, instance).get('/v1/me')).status).toBe(200);
    }
  });

  it('keeps everything but the value, its hint and the time', async () => {
    const { key, ...before } = await world.apiKey({ name: 'kept', environment: 'test' });
    world.clock.hold();
    const answer = await world.root.post<Regenerated>(`/v1/api-keys/${before.id}/regenerate`);

    const hint = `tok_test_…${answer.body.key.slice(-4)}`;
    const after = { ...before, hint, regenerated_at: new Date(world.clock.now()).toISOString() };
    expect(answer.body).toEqual({ ...after, key: expect.stringMatching(/^tok_test_[0-9A-Za-z]{36}$/) });
    expect((await world.root.get(`/v1/api-keys/${before.id}`)).body).toEqual(after);
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({
      action: 'api_key.regenerate',
      outcome: 'success',
      target: { type: 'api_key', id: before.id, name: 'kept' },
      changes: [{ field: 'hint', from: `tok_test_…${key.slice(-4)}`, to: hint }],
    });
  });

  it('leaves exactly one living value, however many regenerate at once on however many instances', async () => {
    const { id, key } = await world.apiKey();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_each, index) =>
        world.as(world.rootKey, index % 2).post<Regenerated>(`/v1/api-keys/${id}/regenerate`),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const values = [key, ...answers.map(({ body }) => body.key)];
    expect(new Set(values).size).toBe(13);
    const statuses = await Promise.all(
      values.map(async (value) => (await world.as(value).get('/v1/me')).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    const living = values[statuses.indexOf(200)]!;
    expect((await world.root.get(`/v1/api-keys/${id}`)).body.hint).toBe(`tok_live_…${living.slice(-4)}`);
  });

  it('works on the key one is calling with; only the new value calls from then on', async () => {
    const { id, key } = await world.apiKey();
    const answer = await world.as(key).post<Regenerated>(`/v1/api-keys/${id}/regenerate`);
    expect(answer.status).toBe(200);
    expect(await world.as(key).post(`/v1/api-keys/${id}/regenerate`)).toBeProblem('unauthorized');
    expect((await world.as(answer.body.key).get('/v1/me')).body.id).toBe(id);
  });

  it('remembers every dead value: each names its owner', async () => {
    const { id, key } = await world.apiKey();
    const second = await world.root.post<Regenerated>(`/v1/api-keys/${id}/regenerate`);
    await world.root.post(`/v1/api-keys/${id}/regenerate`);
    for (const dead of [key, second.body.key]) {
      const refused = await world.as(dead).get('/v1/me');
      await expect(refused).toHaveAudited(world, { reason: 'regenerated_key', actor_id: id });
    }
  });

  it('refuses fields, which it has none of, and keeps the value', async () => {
    const { id, key } = await world.apiKey();
    const answer = await world.root.post(`/v1/api-keys/${id}/regenerate`, { key: 'mine', name: 'new' });
    expect(answer).toBeProblem('invalid_request', ['key', 'name']);
    expect((await world.as(key).get('/v1/me')).status).toBe(200);
  });
});
