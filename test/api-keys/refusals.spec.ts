import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { face } from '../support/face.js';
import { World } from '../support/world.js';

/** Every call of /v1/api-keys, with a body it would accept. */
const calls: Record<string, (by: Caller, id: string) => Promise<Answer>> = {
  create: (by) => by.post('/v1/api-keys', { name: 'x' }),
  list: (by) => by.get('/v1/api-keys'),
  read: (by, id) => by.get(`/v1/api-keys/${id}`),
  update: (by, id) => by.patch(`/v1/api-keys/${id}`, { name: 'x' }),
  regenerate: (by, id) => by.post(`/v1/api-keys/${id}/regenerate`),
  delete: (by, id) => by.delete(`/v1/api-keys/${id}`),
  revoke: (by) => by.post('/v1/api-keys/revoke', { api_key: 'tok_live_whatever' }),
};
const named = Object.entries(calls).filter(([name]) => !['create', 'list', 'revoke'].includes(name));

describe('who may not manage API keys', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it.each(Object.entries(calls))('never lets a token %s, whatever its scopes', async (action, call) => {
    const key = await world.apiKey({ name: 'untouched' });
    const scopes = ['tokens:*', 'audit:*', 'scopes:*', 'api_keys:write', 'api-keys:*'];
    const { id, token } = await world.token({ scopes });

    const answer = await call(world.as(token), key.id);

    expect(answer).toBeProblem('forbidden');
    expect(answer.body.required_scopes).toEqual([]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    await expect(answer).toHaveAudited(world, {
      action: `api_key.${action}`,
      outcome: 'denied',
      reason: 'credential_type',
      actor_id: id,
    });
    expect((await world.as(key.key).get('/v1/me')).body.name).toBe('untouched');
  });

  it('tells a token the same before it looks at what the token sent', async () => {
    const { token } = await world.token({ scopes: ['tokens:*'] });
    const by = world.as(token);
    for (const answer of [
      await by.post('/v1/api-keys', '{"name":'),
      await by.post('/v1/api-keys', { nonsense: true }),
      await by.get('/v1/api-keys?limit=0'),
      await by.get('/v1/api-keys/key_00000000000000000000000000'),
    ]) {
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'credential_type' });
    }
  });

  it.each(Object.entries(calls))('lets nobody %s without a credential', async (action, call) => {
    const { id } = await world.apiKey();
    const answer = await call(world.anonymous(), id);
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, {
      action: `api_key.${action}`,
      outcome: 'denied',
      reason: 'missing_credential',
      actor_id: null,
      workspace_id: 'instance',
    });
  });

  it.each(named)(
    'answers to %s another workspace’s key as to one that never existed',
    async (_action, call) => {
      const stranger = await world.workspace('Stranger');
      const foreign = await world.apiKey({ name: 'foreign' }, world.as(stranger.key));

      const seen = await call(world.root, foreign.id);

      expect(seen).toBeProblem('not_found');
      for (const id of [
        'key_00000000000000000000000000',
        'key_x',
        foreign.id.replace('key_', 'token_'),
        '%00',
      ]) {
        expect(face(await call(world.root, id))).toEqual(face(seen));
      }
      expect((await world.as(foreign.key).get('/v1/me')).body.name).toBe('foreign');
      const theirs = await world.events(`target_id=${foreign.id}`, world.as(stranger.key));
      expect(theirs.map(({ action }) => action)).toEqual(['api_key.create']);
    },
  );
});
