import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('changes that come at the same time', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it.each([
    ['a token', 'name', async () => `/v1/tokens/${(await world.token({ name: 'n' })).id}`],
    ['a workspace', 'name', async () => '/v1/workspace'],
    [
      'a scope',
      'description',
      async () => `/v1/scopes/${String((await world.root.post('/v1/scopes', { name: 'a:b' })).body.name)}`,
    ],
  ])('to %s are told by the log as one after the other', async (_, field, make) => {
    const path = await make();
    const wanted = Array.from({ length: 8 }, (__, n) => `version ${String(n)}`);
    const answers = await Promise.all(
      wanted.map((to, n) => world.as(world.rootKey, n % 2).patch(path, { [field]: to })),
    );
    expect(answers.map(({ status }) => status)).toEqual(wanted.map(() => 200));
    const events = await Promise.all(
      answers.map(async ({ requestId }) => (await world.events(`request_id=${requestId}`))[0]!),
    );
    const changes = events.flatMap((event) => event.changes ?? []);
    // Each began where another had ended, but for the first.
    expect(new Set(changes.map(({ from }) => from)).size).toBe(wanted.length);
    expect(changes.filter(({ from }) => wanted.includes(from as string))).toHaveLength(wanted.length - 1);
  });

  it('delete a scope once', async () => {
    await world.root.post('/v1/scopes', { name: 'to:delete' });
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => world.as(world.rootKey, n % 2).delete('/v1/scopes/to:delete')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404, 404]);
  });
});
