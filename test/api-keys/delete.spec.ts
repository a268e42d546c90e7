import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('deleting an API key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it('is dead at once, on the other instance too', async () => {
    const { id, key } = await world.apiKey();
    expect((await world.as(key, 1).get('/v1/me')).status).toBe(200);

    const answer = await world.root.delete(`/v1/api-keys/${id}`);

    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    await expect(answer).toHaveAudited(world, {
      action: 'api_key.delete',
      outcome: 'success',
      target_id: id,
    });
    for (const instance of [1, 0]) {
      expect(await world.as(key, instance).get('/v1/me')).toBeProblem('unauthorized');
    }
  });

  it('is gone for every call: 404', async () => {
    const { id } = await world.apiKey();
    await world.root.delete(`/v1/api-keys/${id}`);
    for (const answer of [
      await world.root.get(`/v1/api-keys/${id}`),
      await world.root.patch(`/v1/api-keys/${id}`, { name: 'x' }),
      await world.root.post(`/v1/api-keys/${id}/regenerate`),
      await world.root.delete(`/v1/api-keys/${id}`),
    ]) {
      expect(answer).toBeProblem('not_found');
      await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'not_found', target_id: id });
    }
  });

  it('lets its dead value name its owner, in the log of its workspace', async () => {
    const { id: workspaceId, key: ownerKey } = await world.workspace('Owner');
    const { id, key } = await world.apiKey({ name: 'late' }, world.as(ownerKey));
    await world.as(ownerKey).delete(`/v1/api-keys/${id}`);

    const refused = await world.as(key, 1).get('/v1/tokens');

    await expect(refused).toHaveAudited(world, {
      workspace_id: workspaceId,
      action: 'token.list',
      outcome: 'denied',
      reason: 'deleted_key',
      actor_id: id,
    });
    const [event] = await world.events('reason=deleted_key', world.as(ownerKey));
    expect(event?.actor).toEqual({ type: 'api_key', id, name: 'late', hint: `tok_live_…${key.slice(-4)}` });
    expect(await world.events(`reason=deleted_key&actor_id=${id}`)).toEqual([]);
    expect(await world.events(`reason=deleted_key&actor_id=${id}&log=instance`)).toEqual([]);
  });

  it('keeps its history', async () => {
    const { id } = await world.apiKey();
    await world.root.delete(`/v1/api-keys/${id}`);
    const history = await world.events(`target_id=${id}`);
    expect(history.map(({ action }) => action)).toEqual(['api_key.delete', 'api_key.create']);
  });

  it('may delete the key one is calling with', async () => {
    const { id, key } = await world.apiKey();
    expect((await world.as(key).delete(`/v1/api-keys/${id}`)).status).toBe(204);
    expect(await world.as(key).get('/v1/me')).toBeProblem('unauthorized');
  });

  it('may delete the workspace’s last key', async () => {
    const { key } = await world.workspace('Keyless');
    const { body } = await world.as(key).get('/v1/me');
    expect((await world.as(key).delete(`/v1/api-keys/${String(body.id)}`)).status).toBe(204);
    expect(await world.as(key).get('/v1/me')).toBeProblem('unauthorized');
  });

  it('leaves the tokens issued with it alive', async () => {
    const { id, key } = await world.apiKey();
    const { token } = await world.token({}, world.as(key));
    await world.root.delete(`/v1/api-keys/${id}`);

    expect(await world.verify(token)).toMatchObject({ valid: true, code: 'valid' });
    expect((await world.as(token).get('/v1/me')).status).toBe(200);
  });

  it('happens once, however many delete at once', async () => {
    const { id } = await world.apiKey();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_each, at) => world.as(world.rootKey, at % 2).delete(`/v1/api-keys/${id}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(7).fill(404)]);
  });
});
