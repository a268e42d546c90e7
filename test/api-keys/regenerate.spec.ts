import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('regenerating an API key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it('kills the old value for the very next request, on every instance', async () => {
    const key = await world.apiKey({ name: 'CI' });
    expect((await world.as(key.key, 1).get('/v1/me')).status).toBe(200);

    const answer = await world.root.post<{ id: string; key: string }>(`/v1/api-keys/${key.id}/regenerate`);

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
});
