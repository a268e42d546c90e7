import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

type Token = Json & { token: string };

/** A refused request is a use as well; nothing else of the caller may change. */
const UNUSED = { last_used_at: null, last_used_ip: null };

describe('nobody gives what they do not have', () => {
  let world: World;
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const issue = (by: Caller, body: object = {}) =>
    by.post<Token>('/v1/tokens', { name: 'asked', scopes: ['a:b'], ...body });
  const read = async (id: string) => (await world.root.get<Json>(`/v1/tokens/${id}`)).body;
  /** A token that may issue others. */
  const issuer = (body: object = {}, by: Caller = world.root) =>
    world.token({ scopes: ['tokens:write', 'a:*', 'b:c'], ...body }, by);
  /** Refused as more than the caller has, and nothing came of it. */
  const expectRefused = async (
    answer: Awaited<ReturnType<typeof issue>>,
    action: string,
    required: string[],
  ) => {
    expect(answer).toBeProblem('forbidden');
    expect(answer.body).toMatchObject({ required_scopes: required });
    await expect(answer).toHaveAudited(world, { action, outcome: 'denied', reason: 'insufficient_scope' });
  };

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('lets an API key give everything', async () => {
    const body = { scopes: ['any:*', 'tokens:*', 'audit:read'], allowed_ips: ['0.0.0.0/0', '::/0'] };
    expect((await issue(world.root, body)).status).toBe(201);
  });

  describe('of scopes: a token gives a subset of its own', () => {
    it.each([
      [['a:b']],
      [['a:*']],
      [['a:b:*', 'a:b:c:d']],
      [['b:c']],
      [['tokens:write']],
      [['tokens:write', 'a:*', 'b:c']],
    ])('%j', async (scopes) => {
      const by = await issuer();
      const { status, body } = await issue(world.as(by.token), { scopes });
      expect(status).toBe(201);
      expect(body).toMatchObject({ scopes, parent_id: by.id });
    });

    it.each([
      [['c:d'], ['c:d']],
      [['b:*'], ['b:*']],
      [['b:c:d'], ['b:c:d']],
      [['tokens:read'], ['tokens:read']],
      [['tokens:*'], ['tokens:*']],
      [
        ['a:b', 'b:d', 'ab:c', 'a:c'],
        ['b:d', 'ab:c'],
      ],
    ])('not %j', async (scopes, lacking) => {
      const by = world.as((await issuer()).token);
      const refused = await issue(by, { scopes });
      await expectRefused(refused, 'token.issue', lacking);
      expect(refused.headers.get('www-authenticate')).toBe(
        `Bearer error="insufficient_scope", scope="${lacking.join(' ')}"`,
      );
      const child = await issue(by);
      await expectRefused(await by.patch(`/v1/tokens/${child.body.id}`, { scopes }), 'token.update', lacking);
      expect((await read(child.body.id)).scopes).toEqual(['a:b']);
    });

    it('registers no scope that it refused', async () => {
      await issue(world.as((await issuer()).token), { scopes: ['a:b', 'refused:scope'] });
      expect((await world.root.get('/v1/scopes?limit=100')).text).not.toContain('refused:scope');
    });

    it('counts only those that its ancestors have still', async () => {
      const top = await issuer();
      const middle = await issuer({}, world.as(top.token));
      await world.root.patch(`/v1/tokens/${top.id}`, { scopes: ['tokens:write', 'b:c'] });
      await expectRefused(await issue(world.as(middle.token)), 'token.issue', ['a:b']);
      expect((await issue(world.as(middle.token), { scopes: ['b:c'] })).status).toBe(201);
    });
  });

  describe('of time: a token gives an expiry no later than its own', () => {
    it('equal or earlier', async () => {
      const by = world.as((await issuer({ expires_in: 60 })).token);
      for (const expires_at of [at(60_000), at(1)]) {
        expect((await issue(by, { expires_at })).body.expires_at).toBe(expires_at);
      }
      expect((await issue(by, { expires_in: 60 })).body.expires_at).toBe(at(60_000));
    });

    it('not a millisecond later', async () => {
      const by = world.as((await issuer({ expires_in: 60 })).token);
      await expectRefused(await issue(by, { expires_at: at(60_001) }), 'token.issue', []);
      await expectRefused(await issue(by, { expires_in: 61 }), 'token.issue', []);
    });

    it('passes its own on where the request names none', async () => {
      const by = world.as((await issuer({ expires_in: 60 })).token);
      expect((await issue(by)).body.expires_at).toBe(at(60_000));
      expect((await issue(by, { expires_at: null })).body.expires_at).toBe(at(60_000));
      const child = await issuer({}, by);
      expect((await issue(world.as(child.token))).body.expires_at).toBe(at(60_000));
    });

    it('any, where it has none itself', async () => {
      const by = world.as((await issuer()).token);
      expect((await issue(by, { expires_in: 1 })).status).toBe(201);
      expect((await issue(by)).body.expires_at).toBeNull();
    });
  });

  describe('of addresses: a token gives no wider ones than its own', () => {
    const ranges = ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'];

    it.each([
      [['127.0.0.1']],
      [['10.1.0.0/16', '2001:db8:1::/48']],
      [['10.0.0.0/8']],
      [ranges],
      [['::ffff:10.1.2.3']],
    ])('%j', async (allowed_ips) => {
      const by = world.as((await issuer({ allowed_ips: ranges })).token);
      expect((await issue(by, { allowed_ips })).status).toBe(201);
    });

    it.each([
      [['10.0.0.0/7']],
      [['10.0.0.0/8', '192.0.2.1']],
      [['0.0.0.0/0']],
      [['2001:db8::/31']],
      [['::/0']],
    ])('not %j', async (allowed_ips) => {
      const by = world.as((await issuer({ allowed_ips: ranges })).token);
      await expectRefused(await issue(by, { allowed_ips }), 'token.issue', []);
      const child = await issue(by, { allowed_ips: ['10.0.0.1'] });
      await expectRefused(await by.patch(`/v1/tokens/${child.body.id}`, { allowed_ips }), 'token.update', []);
      expect((await read(child.body.id)).allowed_ips).toEqual(['10.0.0.1/32']);
    });

    it('not anywhere, which is what null asks for in a change', async () => {
      const by = world.as((await issuer({ allowed_ips: ranges })).token);
      const child = await issue(by, { allowed_ips: ['10.0.0.1'] });
      await expectRefused(
        await by.patch(`/v1/tokens/${child.body.id}`, { allowed_ips: null }),
        'token.update',
        [],
      );
    });

    it('passes its own on where the request names none', async () => {
      const by = world.as((await issuer({ allowed_ips: ranges })).token);
      const child = await issuer({}, by);
      expect(child.allowed_ips).toEqual(ranges);
      expect((await issue(world.as(child.token), { allowed_ips: null })).body.allowed_ips).toEqual(ranges);
    });

    it('passes on what is left of its own where an ancestor was narrowed since', async () => {
      const top = await issuer({ allowed_ips: ranges });
      const middle = await issuer({}, world.as(top.token));
      await world.root.patch(`/v1/tokens/${top.id}`, {
        allowed_ips: ['127.0.0.1', '10.1.0.0/16', '192.0.2.0/24'],
      });
      const { status, body } = await issue(world.as(middle.token));
      expect(status).toBe(201);
      expect(body.allowed_ips).toEqual(['127.0.0.1/32', '10.1.0.0/16']);
    });

    it('counts only those that its ancestors have still', async () => {
      const top = await issuer({ allowed_ips: ranges });
      const middle = await issuer({}, world.as(top.token));
      await world.root.patch(`/v1/tokens/${top.id}`, { allowed_ips: ['127.0.0.1'] });
      await expectRefused(
        await issue(world.as(middle.token), { allowed_ips: ['10.0.0.1'] }),
        'token.issue',
        [],
      );
      await expectRefused(await issue(world.as(middle.token), { allowed_ips: ranges }), 'token.issue', []);
    });
  });

  it('of environments: a token cannot ask for another', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const by = world.as((await issuer({}, test)).token);
    expect(await issue(by, { environment: 'live' })).toBeProblem('invalid_request', ['environment']);
    expect((await issue(by)).body.environment).toBe('test');
  });

  it('lists every excess in one place only: faults of the body come first', async () => {
    const by = world.as((await issuer()).token);
    expect(await issue(by, { scopes: ['c:d', 'nonsense'] })).toBeProblem('invalid_request', ['scopes[1]']);
    expect(await issue(by, { scopes: ['c:d'], expires_at: at(-1) })).toBeProblem('invalid_request', [
      'expires_at',
    ]);
  });

  describe('of power over others: a token acts on its descendants only', () => {
    const act = async (by: Caller, id: string) => [
      await by.patch(`/v1/tokens/${id}`, { name: 'changed' }),
      await by.post(`/v1/tokens/${id}/revoke`),
      await by.delete(`/v1/tokens/${id}`),
    ];

    it('on children and theirs', async () => {
      const top = await issuer();
      const child = await issuer({}, world.as(top.token));
      const grandchild = await issue(world.as(child.token));
      const answers = await act(world.as(top.token), grandchild.body.id);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 204]);
      expect(await read(grandchild.body.id)).toMatchObject({
        name: 'changed',
        status: 'revoked',
        parent_id: child.id,
      });
    });

    it('not on itself, its parent, its siblings or theirs, or what an API key issued', async () => {
      const top = await issuer();
      const self = await issuer({}, world.as(top.token));
      const sibling = await issuer({}, world.as(top.token));
      const nephew = await issuer({}, world.as(sibling.token));
      const stranger = await issuer();
      for (const { id } of [self, top, sibling, nephew, stranger]) {
        const before = await read(id);
        for (const answer of await act(world.as(self.token), id)) {
          expect(answer).toBeProblem('forbidden');
          expect(answer.body).toMatchObject({ required_scopes: [] });
          await expect(answer).toHaveAudited(world, { outcome: 'denied', target_id: id, actor_id: self.id });
        }
        expect({ ...(await read(id)), ...UNUSED }).toEqual({ ...before, ...UNUSED });
        world.clock.advance(60_000);
      }
    });

    it('and does not learn of those of another workspace or environment', async () => {
      const self = await issuer();
      const theirs = await world.token({}, world.as((await world.workspace('theirs')).key));
      const tests = await world.token({}, world.as((await world.apiKey({ environment: 'test' })).key));
      for (const { id } of [theirs, tests]) {
        for (const answer of await act(world.as(self.token), id)) expect(answer).toBeProblem('not_found');
      }
    });

    it('but with tokens:read it sees every token of its environment', async () => {
      const stranger = await issuer();
      const reader = world.as((await world.token({ scopes: ['tokens:read'] })).token);
      expect((await reader.get(`/v1/tokens/${stranger.id}`)).status).toBe(200);
      expect((await reader.get('/v1/tokens')).text).toContain(stranger.id);
    });
  });

  describe('at every use what counts is the whole chain of ancestors', () => {
    let top: Token;
    let middle: Token;
    let leaf: Token;
    const change = (body: object) => world.root.patch(`/v1/tokens/${top.id}`, body);
    const enters = async (token: Token) => (await world.as(token.token).get('/v1/me')).status === 200;

    beforeEach(async () => {
      top = await issuer();
      middle = await issuer({}, world.as(top.token));
      leaf = (await issue(world.as(middle.token), { scopes: ['a:b', 'b:c'] })).body;
    });

    it('when an ancestor is narrowed, also as a credential', async () => {
      await change({ scopes: ['a:b', 'x:y'] });
      expect(await world.verify(leaf.token, { scopes: ['a:b'] })).toMatchObject({
        code: 'valid',
        scopes: ['a:b'],
      });
      expect(await world.verify(leaf.token, { scopes: ['b:c'] })).toMatchObject({ missing_scopes: ['b:c'] });
      expect((await world.as(middle.token).get('/v1/me')).body.scopes).toEqual(['a:b']);
      expect(await issue(world.as(middle.token))).toBeProblem('forbidden');
    });

    it('when an ancestor is widened: nobody gets more than was issued', async () => {
      await change({ scopes: ['a:*', 'b:*', 'c:*'] });
      expect((await world.verify(leaf.token)).scopes).toEqual(['a:b', 'b:c']);
    });

    it('when an ancestor loses addresses', async () => {
      await change({ allowed_ips: ['10.0.0.0/8'] });
      expect(await world.verify(leaf.token, { client_ip: '10.0.0.1' })).toMatchObject({ code: 'valid' });
      expect(await world.verify(leaf.token, { client_ip: '127.0.0.1' })).toMatchObject({
        code: 'ip_not_allowed',
      });
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'ip_not_allowed' });
      expect(await enters(leaf)).toBe(false);
    });

    it('when an ancestor is disabled, and again when it is enabled', async () => {
      await change({ enabled: false });
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'disabled' });
      expect(await enters(leaf)).toBe(false);
      await change({ enabled: true });
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'valid' });
      expect(await enters(leaf)).toBe(true);
    });

    it('when an ancestor expires', async () => {
      const mortal = await issuer({ expires_in: 10 });
      const child = (await issue(world.as(mortal.token))).body;
      expect(await world.verify(child.token)).toMatchObject({ code: 'valid', expires_at: at(10_000) });
      world.clock.advance(10_000);
      expect(await world.verify(child.token)).toMatchObject({ code: 'expired' });
      expect(await enters(child)).toBe(false);
    });

    it('when an ancestor is revoked', async () => {
      await world.root.delete(`/v1/tokens/${top.id}`);
      expect(await world.verify(leaf.token)).toMatchObject({ code: 'revoked' });
      expect(await enters(leaf)).toBe(false);
    });

    it('and changes below change nothing above', async () => {
      await world.root.patch(`/v1/tokens/${leaf.id}`, {
        scopes: ['a:b'],
        allowed_ips: ['10.0.0.1'],
        enabled: false,
      });
      expect(await world.verify(middle.token)).toMatchObject({
        code: 'valid',
        scopes: ['tokens:write', 'a:*', 'b:c'],
      });
    });
  });

  describe('and nobody undoes what stands above them: of a token that is disabled', () => {
    let top: Token;
    let middle: Token;
    let leaf: Token;
    const set = (by: Caller, enabled: boolean, more: object = {}) =>
      by.patch<Json>(`/v1/tokens/${leaf.id}`, { enabled, ...more });
    const isEnabled = async () => (await read(leaf.id)).enabled;
    beforeEach(async () => {
      top = await issuer();
      middle = await issuer({}, world.as(top.token));
      leaf = await issuer({}, world.as(middle.token));
    });

    it('a token enables what it has disabled, or a descendant of its own has', async () => {
      for (const [disabler, enabler] of [
        [middle, middle],
        [middle, top],
        [top, top],
      ] as const) {
        expect((await set(world.as(disabler.token), false)).status).toBe(200);
        expect((await set(world.as(enabler.token), true)).status).toBe(200);
        expect(await isEnabled()).toBe(true);
      }
    });

    it('no token enables what the owner or a token above it has, nor changes it with that', async () => {
      for (const [disabler, enabler] of [
        [world.root, top],
        [world.root, middle],
        [world.as(top.token), middle],
      ] as const) {
        await set(disabler, false);
        const answer = await set(world.as(enabler.token), true, { name: 'renamed' });
        await expectRefused(answer as Awaited<ReturnType<typeof issue>>, 'token.update', []);
        expect(await read(leaf.id)).toMatchObject({ enabled: false, name: leaf.name });
        // What does not enable it is as free as ever.
        expect((await set(world.as(enabler.token), false, { name: leaf.name })).status).toBe(200);
        expect((await set(world.root, true)).status).toBe(200);
      }
    });

    it('the highest who has disabled it counts, in whatever order they did', async () => {
      const [owner, above, below] = [world.root, world.as(top.token), world.as(middle.token)];
      for (const disablers of [
        [below, above],
        [above, below],
      ]) {
        for (const each of disablers) await set(each, false);
        expect(await set(below, true)).toBeProblem('forbidden');
        expect((await set(above, true)).status).toBe(200);
      }
      for (const disablers of [
        [owner, above],
        [above, owner],
      ]) {
        for (const each of disablers) await set(each, false);
        expect(await set(above, true)).toBeProblem('forbidden');
        expect((await set(owner, true)).status).toBe(200);
      }
      // Enabled again, it is as if it had never been disabled.
      await set(below, false);
      expect((await set(below, true)).status).toBe(200);
    });

    it('to enable one that is enabled is no more than to leave it', async () => {
      expect((await set(world.as(middle.token), true)).status).toBe(200);
    });
  });
});
