import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

const ELSEWHERE = { 'x-forwarded-for': '203.0.113.7' };

describe('reading and renaming an API key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => world.close());

  it('shows exactly what the contract lists', async () => {
    const { key, ...rest } = await world.apiKey({ name: 'read me' });
    const answer = await world.root.get(`/v1/api-keys/${rest.id}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(rest);
    expect(key).toBeDefined();
    await expect(answer).toHaveAudited(world, {
      action: 'api_key.read',
      outcome: 'success',
      target_id: rest.id,
    });
  });

  it('tells when and from where a key was last accepted', async () => {
    const { id, key } = await world.apiKey();
    world.clock.hold();
    await world.as(key).with(ELSEWHERE).get('/v1/me');

    expect((await world.root.get(`/v1/api-keys/${id}`)).body).toMatchObject({
      last_used_at: new Date(world.clock.now()).toISOString(),
      last_used_ip: '203.0.113.7',
    });
  });

  it('does not count a refused value as a use', async () => {
    const { id, key } = await world.apiKey();
    await world.root.post(`/v1/api-keys/${id}/regenerate`);
    expect(await world.as(key).with(ELSEWHERE).get('/v1/me')).toBeProblem('unauthorized');
    expect((await world.root.get(`/v1/api-keys/${id}`)).body).toMatchObject({
      last_used_at: null,
      last_used_ip: null,
    });
  });

  it('names the system as maker of the first key, and keeps the maker’s name when the maker is gone', async () => {
    const { body } = await world.root.get('/v1/me');
    const first = await world.root.get(`/v1/api-keys/${String(body.id)}`);
    expect(first.body.created_by).toEqual({ type: 'system', id: null, name: null });

    const maker = await world.apiKey({ name: 'maker' });
    const made = await world.apiKey({ name: 'made' }, world.as(maker.key));
    await world.root.delete(`/v1/api-keys/${maker.id}`);
    const { created_by } = (await world.root.get(`/v1/api-keys/${made.id}`)).body;
    expect(created_by).toEqual({ type: 'api_key', id: maker.id, name: 'maker' });
  });

  it('renames, changes nothing else, and records what changed', async () => {
    const { key, ...before } = await world.apiKey({ name: 'old' });
    const answer = await world.root.patch(`/v1/api-keys/${before.id}`, { name: 'new' });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...before, name: 'new' });
    expect((await world.root.get(`/v1/api-keys/${before.id}`)).body.name).toBe('new');
    expect((await world.as(key).get('/v1/me')).body.name).toBe('new');
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({
      action: 'api_key.update',
      changes: [{ field: 'name', from: 'old', to: 'new' }],
      request: { method: 'PATCH', route: '/v1/api-keys/:id', status: 200 },
    });
  });

  it('leaves the name in older events as it was', async () => {
    const { id } = await world.apiKey({ name: 'then' });
    await world.root.patch(`/v1/api-keys/${id}`, { name: 'now' });
    const [created] = await world.events(`target_id=${id}&action=api_key.create`);
    expect(created?.target).toEqual({ type: 'api_key', id, name: 'then' });
  });

  it.each([
    [{}, ['name']],
    [{ name: '' }, ['name']],
    [{ name: 'x', environment: 'test', expires_at: null, hint: 'h' }, ['environment', 'expires_at', 'hint']],
  ])('refuses to change %j', async (body, fields) => {
    const { id } = await world.apiKey();
    expect(await world.root.patch(`/v1/api-keys/${id}`, body)).toBeProblem('invalid_request', fields);
  });
});
