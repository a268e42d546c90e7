import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World } from '../support/world.js';

describe('the caller’s workspace', () => {
  let world: World;
  let own: { id: string; slug: string; key: string };
  let by: Caller;

  beforeAll(async () => {
    world = await World.start();
  });
  beforeEach(async () => {
    // A minute of its own for each test: refusals of one minute may fold.
    world.clock.advance(60_000);
    own = await world.workspace('Example Ltd');
    by = world.as(own.key);
  });
  afterAll(() => world.close());

  it('is read with its policies, and that is in the log', async () => {
    const answer = await by.get('/v1/workspace');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: own.id,
      name: 'Example Ltd',
      slug: own.slug,
      strict_scopes: false,
      max_token_ttl: null,
      require_expiry: false,
      default_prefix: null,
      reuse_policy: 'alert',
      inactive_after_days: null,
      allowed_management_ips: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.read',
      outcome: 'success',
      target_id: own.id,
    });
  });

  it('is read by a test key too: there is one workspace for both environments', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' }, by)).key);
    expect((await test.get('/v1/workspace')).body.id).toBe(own.id);
  });

  it.each<[string, unknown, unknown]>([
    ['name', 'Example Ltd', 'Example & Söhne'],
    ['strict_scopes', false, true],
    ['max_token_ttl', null, 3600],
    ['require_expiry', false, true],
    ['default_prefix', null, 'acme'],
    ['reuse_policy', 'alert', 'revoke'],
    ['inactive_after_days', null, 90],
    ['allowed_management_ips', null, ['127.0.0.0/8', '203.0.113.7/32']],
  ])('changes its %s and nothing else, and says so in its event', async (field, from, to) => {
    const before = (await by.get('/v1/workspace')).body;
    const answer = await by.patch('/v1/workspace', { [field]: to });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...before, [field]: to });
    expect((await by.get('/v1/workspace')).body).toEqual(answer.body);
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.update',
      outcome: 'success',
      target_id: own.id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`, by);
    expect(event?.changes).toEqual([{ field, from, to }]);
  });

  it('leaves what is left out, and an event without changes when nothing changed', async () => {
    for (const body of [{}, undefined, { name: 'Example Ltd', strict_scopes: false }]) {
      const answer = await by.patch('/v1/workspace', body);
      expect(answer.body).toMatchObject({ name: 'Example Ltd', strict_scopes: false });
      expect((await world.events(`request_id=${answer.requestId}`, by))[0]?.changes).toBeNull();
    }
  });

  it('keeps its slug when it is renamed', async () => {
    expect((await by.patch('/v1/workspace', { name: 'Another' })).body.slug).toBe(own.slug);
  });

  it.each<[object, string[]]>([
    [{ name: '' }, ['name']],
    [{ name: null, strict_scopes: null }, ['name', 'strict_scopes']],
    [{ name: 'x'.repeat(121), strict_scopes: 'yes' }, ['name', 'strict_scopes']],
    [
      { slug: 'mine', id: 'ws_x', operator: true, created_at: null },
      ['created_at', 'id', 'operator', 'slug'],
    ],
  ])('refuses %j', async (body, fields) => {
    const answer = await by.patch('/v1/workspace', body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.update',
      outcome: 'failure',
      target_id: null,
    });
  });

  it('is changed by no test key', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' }, by)).key);
    expect(await test.patch('/v1/workspace', { name: 'Taken' })).toBeProblem('forbidden');
    expect((await by.get('/v1/workspace')).body.name).toBe('Example Ltd');
  });

  it('gets a policy that breaks no token that exists', async () => {
    const { id, token } = await world.token({ scopes: ['gone:read'] }, by);
    await by.delete('/v1/scopes/gone:read');
    await by.patch('/v1/workspace', { strict_scopes: true });
    expect(await world.verify(token, { scopes: ['gone:read'] }, by)).toMatchObject({ code: 'valid' });
    expect((await by.patch(`/v1/tokens/${id}`, { name: 'renamed' })).status).toBe(200);
    const another = { name: 'another', scopes: ['gone:read'] };
    expect(await by.post('/v1/tokens', another)).toBeProblem('unknown_scope', ['scopes[0]']);
    await by.patch('/v1/workspace', { strict_scopes: false });
    expect((await by.post('/v1/tokens', another)).status).toBe(201);
  });

  it('has policies of its own', async () => {
    await by.patch('/v1/workspace', { strict_scopes: true });
    expect((await world.root.get('/v1/workspace')).body.strict_scopes).toBe(false);
    expect((await world.root.post('/v1/tokens', { name: 'x', scopes: ['un:known'] })).status).toBe(201);
  });
});
