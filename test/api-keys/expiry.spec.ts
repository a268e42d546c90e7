import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('the expiry of an API key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it('is exact: alive one millisecond before, over at the moment itself', async () => {
    world.clock.hold();
    const at = world.clock.now() + 60_000;
    const { id, key } = await world.apiKey({ expires_at: new Date(at).toISOString() });

    world.clock.hold(at - 1);
    for (const instance of [0, 1]) expect((await world.as(key, instance).get('/v1/me')).status).toBe(200);
    world.clock.hold(at);
    for (const instance of [0, 1]) {
      const refused = await world.as(key, instance).get('/v1/me');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'expired_key',
        actor_id: id,
      });
    }
  });

  it('leaves the expired key in the list, to be seen and deleted', async () => {
    world.clock.hold();
    const expires_at = new Date(world.clock.now() + 1).toISOString();
    const { id } = await world.apiKey({ expires_at });
    world.clock.advance(1);
    expect((await world.root.get(`/v1/api-keys/${id}`)).body).toMatchObject({ id, expires_at });
    expect((await world.root.delete(`/v1/api-keys/${id}`)).status).toBe(204);
  });

  it('is not lifted by regenerating', async () => {
    world.clock.hold();
    const expires_at = new Date(world.clock.now() + 1).toISOString();
    const { id } = await world.apiKey({ expires_at });
    const { body } = await world.root.post<{ key: string; expires_at: string }>(
      `/v1/api-keys/${id}/regenerate`,
    );
    expect(body.expires_at).toBe(expires_at);
    world.clock.advance(1);
    const refused = await world.as(body.key).get('/v1/me');
    await expect(refused).toHaveAudited(world, { reason: 'expired_key', actor_id: id });
  });

  it('takes any offset and answers in UTC with milliseconds', async () => {
    const { expires_at } = await world.apiKey({ expires_at: '2999-06-01T02:00:00.5+02:00' });
    expect(expires_at).toBe('2999-06-01T00:00:00.500Z');
  });
});
