import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('GET /v1/me', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('tells an API key who it is: every scope, its environment, its expiry, its workspace', async () => {
    const { id: workspaceId, slug, key: ownerKey } = await world.workspace('Example Ltd');
    const wanted = { name: 'CI', environment: 'test', expires_at: '2999-01-01T00:00:00.000Z' };
    const { id, key } = await world.apiKey(wanted, world.as(ownerKey));

    const answer = await world.as(key).get('/v1/me');

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      type: 'api_key',
      id,
      ...wanted,
      scopes: '*',
      workspace: { id: workspaceId, name: 'Example Ltd', slug },
    });
    await expect(answer).toHaveAudited(world, { action: 'me.read', outcome: 'success', actor_id: id });
  });

  it('tells a token who it is, whatever its scopes', async () => {
    const { id, token } = await world.token({ name: 'Acme', scopes: ['invoices:read', 'tokens:verify'] });
    const { body } = await world.root.get('/v1/me');

    const answer = await world.as(token).get('/v1/me');

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      type: 'token',
      id,
      name: 'Acme',
      environment: 'live',
      scopes: ['invoices:read', 'tokens:verify'],
      expires_at: null,
      workspace: body.workspace,
    });
    await expect(answer).toHaveAudited(world, { action: 'me.read', outcome: 'success', actor_id: id });
  });

  it('tells a token what its ancestors leave of it', async () => {
    const parent = await world.token({ scopes: ['tokens:write', 'a:read', 'a:write'] });
    const child = await world.token({ scopes: ['a:read', 'a:write'] }, world.as(parent.token));
    await world.root.patch(`/v1/tokens/${parent.id}`, { scopes: ['tokens:write', 'a:read'] });
    expect((await world.as(child.token).get('/v1/me')).body.scopes).toEqual(['a:read']);
  });

  it('refuses parameters, which it has none of', async () => {
    expect(await world.root.get('/v1/me?verbose=true')).toBeProblem('invalid_request', ['verbose']);
  });
});
