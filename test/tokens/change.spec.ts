import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';

describe('changing a token', () => {
  let world: World;
  const patch = (id: string, body: unknown) => world.root.patch<Json>(`/v1/tokens/${id}`, body);
  const changesOf = async (requestId: string) => (await world.events(`request_id=${requestId}`))[0]?.changes;

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  afterAll(() => world.close());

  it.each<[string, unknown, unknown]>([
    ['name', 'Acme', 'Acme Ltd'],
    ['description', null, 'Nightly\nimport'],
    ['scopes', ['things:read'], ['things:write', 'more:*']],
    ['metadata', { plan: 'pro' }, { seats: 3 }],
    ['allowed_ips', null, ['10.0.0.0/8', '2001:db8::/32']],
    ['rate_limit', null, { limit: 100, window_seconds: 60 }],
    ['enabled', true, false],
  ])('changes its %s and nothing else, and says so in its event', async (field, from, to) => {
    const before = await world.token({ name: 'Acme', metadata: { plan: 'pro' } });
    const answer = await patch(before.id, { [field]: to });
    expect(answer.status).toBe(200);
    const { token: _, ...rest } = before;
    expect(answer.body).toEqual({ ...rest, [field]: to, ...(field === 'enabled' && { status: 'disabled' }) });
    expect((await world.root.get(`/v1/tokens/${before.id}`)).body).toEqual(answer.body);
    await expect(answer).toHaveAudited(world, {
      action: 'token.update',
      outcome: 'success',
      target_id: before.id,
    });
    expect(await changesOf(answer.requestId)).toEqual([{ field, from, to }]);
  });

  it('changes all of them in one event', async () => {
    const { id } = await world.token();
    const answer = await patch(id, {
      name: 'n',
      description: 'd',
      scopes: ['a:b'],
      metadata: { m: 1 },
      enabled: false,
    });
    const changes = await changesOf(answer.requestId);
    expect(changes?.map(({ field }) => field)).toEqual([
      'name',
      'description',
      'scopes',
      'metadata',
      'enabled',
    ]);
  });

  it('clears with null what can be empty', async () => {
    const { id, token } = await world.token({
      description: 'd',
      metadata: { a: 1 },
      allowed_ips: ['10.0.0.0/8'],
    });
    expect(await world.verify(token)).toMatchObject({ code: 'ip_not_allowed' });
    const { body } = await patch(id, { description: null, metadata: null, allowed_ips: null });
    expect(body).toMatchObject({ description: null, metadata: {}, allowed_ips: null });
    expect(await world.verify(token)).toMatchObject({ code: 'valid', metadata: {} });
  });

  it('refuses null for what cannot', async () => {
    const { id } = await world.token();
    const answer = await patch(id, { name: null, scopes: null, enabled: null });
    expect(answer).toBeProblem('invalid_request', ['enabled', 'name', 'scopes']);
  });

  it('replaces metadata and addresses as a whole', async () => {
    const { id } = await world.token({
      metadata: { a: 1, b: { c: 2 } },
      allowed_ips: ['10.0.0.0/8', '192.0.2.1'],
    });
    const { body } = await patch(id, { metadata: { b: {} }, allowed_ips: ['::FFFF:198.51.100.9/120'] });
    expect(body).toMatchObject({ metadata: { b: {} }, allowed_ips: ['198.51.100.0/24'] });
  });

  it('leaves what is left out, and an event without changes when nothing changed', async () => {
    const {
      id,
      token: _,
      ...before
    } = await world.token({ name: 'same', description: 'd', metadata: { bb: 1, a: 2 } });
    for (const body of [
      {},
      undefined,
      { name: 'same', description: 'd', metadata: { bb: 1, a: 2 }, enabled: true },
    ]) {
      const answer = await patch(id, body);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject(before);
      expect(await changesOf(answer.requestId)).toBeNull();
    }
  });

  it.each<[string, unknown]>([
    ['expires_at', '2099-01-01T00:00:00Z'],
    ['expires_at', null],
    ['expires_in', 60],
    ['subject', 'partner_43'],
    ['subject', null],
    ['not_before', null],
    ['prefix', 'acme'],
    ['max_uses', 5],
    ['environment', 'test'],
    ['status', 'active'],
    ['revoked_at', null],
    ['colour', 'red'],
  ])('refuses to touch %s (%j), and then changes nothing at all', async (field, value) => {
    const { id, token: _, ...before } = await world.token({ subject: 'partner_42', expires_in: 600 });
    const answer = await patch(id, { name: 'changed', [field]: value });
    expect(answer).toBeProblem('invalid_request', [field]);
    await expect(answer).toHaveAudited(world, {
      action: 'token.update',
      outcome: 'failure',
      reason: 'invalid_request',
    });
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject(before);
  });

  it('holds every field against the rules of issuing', async () => {
    const { id } = await world.token();
    const answer = await patch(id, {
      name: '',
      scopes: ['tokens:delete', 'a:b', 'a:b'],
      metadata: { text: 'x'.repeat(4096) },
      allowed_ips: ['nowhere'],
      enabled: 'true',
    });
    const fields = ['allowed_ips[0]', 'enabled', 'metadata', 'name', 'scopes[0]', 'scopes[2]'];
    expect(answer).toBeProblem('invalid_request', fields);
  });

  it('registers the scopes it did not know', async () => {
    const { id } = await world.token();
    await patch(id, { scopes: ['added:later'] });
    expect((await world.root.get('/v1/scopes?limit=100')).text).toContain('"added:later"');
  });

  it('conflicts with a revocation, which is final', async () => {
    const { id } = await world.token();
    await world.root.post(`/v1/tokens/${id}/revoke`);
    const answer = await patch(id, { enabled: true });
    expect(answer).toBeProblem('conflict');
    await expect(answer).toHaveAudited(world, {
      action: 'token.update',
      outcome: 'failure',
      reason: 'conflict',
      target_id: id,
    });
    expect((await world.root.get(`/v1/tokens/${id}`)).body.status).toBe('revoked');
  });

  it('is possible for a token that is disabled or expired', async () => {
    const { id } = await world.token({ expires_in: 1 });
    await patch(id, { enabled: false });
    world.clock.advance(1000);
    expect((await patch(id, { name: 'late', enabled: true })).body).toMatchObject({
      name: 'late',
      status: 'expired',
    });
  });

  it('lets no change get lost when several come at the same time', async () => {
    const { id } = await world.token({ name: 'n' });
    const changes = [
      { name: 'm' },
      { description: 'd' },
      { scopes: ['x:y'] },
      { metadata: { k: 1 } },
      { enabled: false },
    ];
    await Promise.all(
      changes.map((body, n) => world.as(world.rootKey, n % 2).patch(`/v1/tokens/${id}`, body)),
    );
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject(
      Object.assign({}, ...changes) as object,
    );
  });

  it('counts for the very next request on another instance, for descendants too', async () => {
    const parent = await world.token({ scopes: ['tokens:write', 'a:b', 'a:c'] });
    const child = await world.token({ scopes: ['a:b', 'a:c'] }, world.as(parent.token));
    const there = world.as(world.rootKey, 1);
    const verify = (ask: object) => world.verify(child.token, ask, there);
    expect(await verify({ scopes: ['a:b', 'a:c'] })).toMatchObject({ code: 'valid', scopes: ['a:b', 'a:c'] });

    await patch(parent.id, { scopes: ['tokens:write', 'a:c'] });
    expect(await verify({ scopes: ['a:b', 'a:c'] })).toMatchObject({
      code: 'insufficient_scope',
      missing_scopes: ['a:b'],
    });
    expect(await verify({})).toMatchObject({ code: 'valid', scopes: ['a:c'] });

    await patch(parent.id, { allowed_ips: ['10.0.0.0/8'] });
    expect(await verify({ client_ip: '192.0.2.1' })).toMatchObject({ code: 'ip_not_allowed' });
    expect(await verify({ client_ip: '10.1.2.3' })).toMatchObject({ code: 'valid' });

    await patch(parent.id, { enabled: false });
    expect(await verify({ client_ip: '10.1.2.3' })).toMatchObject({ code: 'disabled' });
    expect((await there.get(`/v1/tokens/${child.id}`)).body).toMatchObject({
      status: 'disabled',
      enabled: true,
    });

    await patch(parent.id, { enabled: true, allowed_ips: null, scopes: ['a:*'] });
    expect(await verify({ scopes: ['a:b', 'a:c'] })).toMatchObject({ code: 'valid', scopes: ['a:b', 'a:c'] });
  });
});
