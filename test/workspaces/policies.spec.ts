import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import { ACCESS_TOKEN, EXCHANGE, postForm } from '../oauth/oauth-client.js';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

type Token = Json & { token: string; expires_at: string | null };

describe('the policies of a workspace', () => {
  let world: World;
  let own: { id: string; slug: string; key: string };
  let by: Caller;
  const set = async (policies: object, caller = by) => {
    const answer = await caller.patch('/v1/workspace', policies);
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200, body: policies });
    return answer;
  };
  const issue = (body: object = {}, caller = by) =>
    caller.post<Token>('/v1/tokens', { name: 'asked', scopes: ['things:read'], ...body });
  const rotate = (id: string, body: object) => by.post<Token>(`/v1/tokens/${id}/rotate`, body);
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const issuer = (body: object = {}) =>
    world.token({ scopes: ['tokens:write', 'tokens:read', 'things:read'], ...body }, by);

  beforeAll(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
    world.clock.hold();
  });
  beforeEach(async () => {
    // A minute of its own for each test: refusals of one minute may fold.
    world.clock.advance(60_000);
    own = await world.workspace('Example Ltd');
    by = world.as(own.key);
  });
  afterAll(() => world.close());

  describe('max_token_ttl', () => {
    it('gives a token for which no expiry is asked the latest that is allowed', async () => {
      await set({ max_token_ttl: 60 });
      for (const body of [{}, { expires_at: null }, { expires_in: null }]) {
        expect((await issue(body)).body.expires_at).toBe(at(60_000));
      }
    });

    it('refuses a later one, to the millisecond, and says the limit', async () => {
      await set({ max_token_ttl: 60 });
      expect((await issue({ expires_at: at(60_000) })).status).toBe(201);
      expect((await issue({ expires_in: 60 })).status).toBe(201);
      const late = await issue({ expires_at: at(60_001) });
      expect(late).toBeProblem('invalid_request', ['expires_at']);
      expect(late.text).toContain('60 seconds');
      await expect(late).toHaveAudited(world, { action: 'token.issue', outcome: 'failure' });
      expect(await issue({ expires_in: 61 })).toBeProblem('invalid_request', ['expires_in']);
    });

    it('comes to no more than what a parent passes on', async () => {
      const short = await issuer({ expires_in: 30 });
      const long = await issuer({ expires_in: 3600 });
      await set({ max_token_ttl: 60 });
      expect((await issue({}, world.as(short.token))).body.expires_at).toBe(at(30_000));
      expect((await issue({}, world.as(long.token))).body.expires_at).toBe(at(60_000));
    });

    it('binds the expiry that a rotation asks for, and no other', async () => {
      const { id } = await world.token({}, by);
      await set({ max_token_ttl: 60 });
      for (const expires_at of [at(60_001), null]) {
        expect(await rotate(id, { expires_at })).toBeProblem('invalid_request', ['expires_at']);
      }
      expect((await rotate(id, {})).body.expires_at).toBeNull();
      expect((await rotate(id, { expires_at: at(60_000) })).body.expires_at).toBe(at(60_000));
    });
  });

  describe('require_expiry', () => {
    it('refuses a token for which none is asked, with a maximum or without', async () => {
      for (const max_token_ttl of [null, 60]) {
        await set({ require_expiry: true, max_token_ttl });
        for (const body of [{}, { expires_at: null }]) {
          expect(await issue(body)).toBeProblem('invalid_request', ['expires_at']);
        }
        expect((await issue({ expires_in: 60 })).status).toBe(201);
      }
    });

    it('is met by an expiry that is inherited', async () => {
      const parent = await issuer({ expires_in: 60 });
      await set({ require_expiry: true });
      expect((await issue({}, world.as(parent.token))).body.expires_at).toBe(at(60_000));
    });

    it('lets no rotation take it away', async () => {
      const { id } = await world.token({ expires_in: 60 }, by);
      await set({ require_expiry: true });
      expect(await rotate(id, { expires_at: null })).toBeProblem('invalid_request', ['expires_at']);
      expect((await rotate(id, {})).status).toBe(200);
    });
  });

  it('default_prefix is what new values begin with where nothing else is asked', async () => {
    const before = await world.token({}, by);
    await set({ default_prefix: 'acme' });
    expect((await issue()).body.token).toMatch(/^acme_live_/);
    expect((await issue({ prefix: 'other' })).body.token).toMatch(/^other_live_/);
    expect((await rotate(before.id, {})).body.token).toMatch(/^tkn_live_/);
    await set({ default_prefix: null });
    expect((await issue()).body.token).toMatch(/^tkn_live_/);
  });

  it('reuse_policy decides what becomes of a token whose former value comes back', async () => {
    const { id, token: old } = await world.token({}, by);
    await rotate(id, {});
    await world.verify(old, {}, by);
    expect((await by.get(`/v1/tokens/${id}`)).body.status).toBe('active');
    await set({ reuse_policy: 'revoke' });
    await world.verify(old, {}, by);
    expect((await by.get(`/v1/tokens/${id}`)).body).toMatchObject({
      status: 'revoked',
      revoked_reason: 'reuse',
    });
  });

  describe('allowed_management_ips', () => {
    const from = (ip: string, secret: string, instance = 0) =>
      world.as(secret, instance).with({ 'x-forwarded-for': ip });

    it('makes API keys and tokens credentials from there only, on every instance at once', async () => {
      const { token } = await issuer();
      await set({ allowed_management_ips: ['127.0.0.1/32', '203.0.113.0/24'] });
      for (const secret of [own.key, token]) {
        for (const path of ['/v1/me', '/v1/tokens']) {
          expect((await from('203.0.113.9', secret, 1).get(path)).status).toBe(200);
          const refused = await from('198.51.100.1', secret, 1).get(path);
          expect(refused).toBeProblem('unauthorized');
          await expect(refused).toHaveAudited(world, { reason: 'ip_not_allowed', workspace_id: own.id });
        }
      }
      await set({ allowed_management_ips: null });
      expect((await from('198.51.100.1', own.key, 1).get('/v1/me')).status).toBe(200);
    });

    it('keeps a token’s own addresses in force, and leaves presented tokens alone', async () => {
      const narrow = await issuer({ allowed_ips: ['203.0.113.9'] });
      await set({ allowed_management_ips: ['127.0.0.1/32', '203.0.113.0/24'] });
      expect((await from('203.0.113.8', narrow.token).get('/v1/me')).status).toBe(401);
      expect((await from('203.0.113.9', narrow.token).get('/v1/me')).status).toBe(200);
      const { token } = await world.token({}, by);
      expect(await world.verify(token, { client_ip: '198.51.100.1' }, by)).toMatchObject({ valid: true });
    });

    it('lets no token be exchanged by its holder from elsewhere', async () => {
      const { token } = await issuer();
      const ask = { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN };
      const there = by.with({ 'x-forwarded-for': '203.0.113.1' });
      expect((await postForm(world, '/oauth/token', ask)).status).toBe(200);
      await set({ allowed_management_ips: ['203.0.113.0/24'] }, there);
      const refused = await postForm(world, '/oauth/token', ask);
      expect(refused.status).toBe(400);
      await expect(refused).toHaveAudited(world, { reason: 'ip_not_allowed', workspace_id: own.id });
    });

    it('refuses a list that the caller is not in: nobody locks themselves out', async () => {
      const answer = await by.patch('/v1/workspace', { allowed_management_ips: ['203.0.113.0/24'] });
      expect(answer).toBeProblem('invalid_request', ['allowed_management_ips']);
      expect(answer.text).toContain('127.0.0.1');
      expect((await by.get('/v1/workspace')).body.allowed_management_ips).toBeNull();
      const there = by.with({ 'x-forwarded-for': '203.0.113.1' });
      await set({ allowed_management_ips: ['203.0.113.0/24'] }, there);
      expect((await by.get('/v1/me')).status).toBe(401);
    });

    it('is lifted by the operator’s command line, which the log tells', async () => {
      const there = by.with({ 'x-forwarded-for': '203.0.113.1' });
      await set({ allowed_management_ips: ['203.0.113.0/24'] }, there);
      const lifted = await world.apps[0]!.get(WorkspacesService).liftManagementIps(own.slug);
      expect(lifted).toMatchObject({ id: own.id, allowed_management_ips: null });
      expect((await by.get('/v1/me')).status).toBe(200);
      const [event] = await world.events('action=workspace.update&actor_type=system', by);
      expect(event).toMatchObject({
        target: { id: own.id },
        changes: [{ field: 'allowed_management_ips', from: ['203.0.113.0/24'], to: null }],
      });
      expect(await world.apps[0]!.get(WorkspacesService).liftManagementIps('nobody')).toBeNull();
    });
  });

  it('are changed by no token and no test key, and are no other workspace’s', async () => {
    const { token } = await issuer();
    expect(await world.as(token).patch('/v1/workspace', { max_token_ttl: 1 })).toBeProblem('forbidden');
    const test = world.as((await world.apiKey({ environment: 'test' }, by)).key);
    expect(await test.patch('/v1/workspace', { require_expiry: true })).toBeProblem('forbidden');
    await set({ require_expiry: true, max_token_ttl: 60, default_prefix: 'acme' });
    expect((await world.token()).expires_at).toBeNull();
  });

  it.each<[object, string[]]>([
    [{ max_token_ttl: 0 }, ['max_token_ttl']],
    [{ max_token_ttl: 1_577_880_001, require_expiry: null }, ['max_token_ttl', 'require_expiry']],
    [{ default_prefix: 'tok' }, ['default_prefix']],
    [{ default_prefix: 'Acme', reuse_policy: 'ignore' }, ['default_prefix', 'reuse_policy']],
    [{ inactive_after_days: 0 }, ['inactive_after_days']],
    [
      { allowed_management_ips: ['127.0.0.1', '10.0.0.0/33', '127.0.0.1'] },
      ['allowed_management_ips[1]', 'allowed_management_ips[2]'],
    ],
    [{ allowed_management_ips: [] }, ['allowed_management_ips']],
  ])('refuse %j', async (body, fields) => {
    expect(await by.patch('/v1/workspace', body)).toBeProblem('invalid_request', fields);
  });
});

describe('the report on policies', () => {
  let world: World;
  let by: Caller;
  interface Page {
    data: (Json & { violations: { policy: string; message: string }[] })[];
    next_cursor: string | null;
  }
  const report = async (query = '', caller = by) => {
    const answer = await caller.get<Page>(`/v1/workspace/policy-report?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const found = async (caller = by) =>
    Object.fromEntries(
      (await report('', caller)).data.map(({ name, violations }) => [
        String(name),
        violations.map(({ policy }) => policy),
      ]),
    );

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  beforeEach(async () => {
    by = world.as((await world.workspace('Example Ltd')).key);
  });
  afterAll(() => world.close());

  it('lists every token that works and would be refused now, with each policy it does not meet', async () => {
    await world.token({ name: 'for ever' }, by);
    await world.token({ name: 'for long', expires_in: 3600 }, by);
    await world.token({ name: 'short', expires_in: 60, scopes: ['gone:read', 'things:*'] }, by);
    const { id } = await world.token({ name: 'revoked' }, by);
    await by.post(`/v1/tokens/${id}/revoke`);
    await world.token({ name: 'over', expires_in: 1 }, by);
    world.clock.advance(1_000);
    expect(await found()).toEqual({});
    await by.patch('/v1/workspace', { max_token_ttl: 60 });
    expect(await found()).toEqual({ 'for ever': ['max_token_ttl'], 'for long': ['max_token_ttl'] });
    await by.delete('/v1/scopes/gone:read');
    await by.patch('/v1/workspace', { require_expiry: true, strict_scopes: true });
    expect(await found()).toEqual({
      'for ever': ['max_token_ttl', 'require_expiry'],
      'for long': ['max_token_ttl'],
      short: ['strict_scopes'],
    });
    expect((await report()).data.at(0)?.violations[0]?.message).toContain('gone:read');
    await by.patch('/v1/workspace', { max_token_ttl: null, require_expiry: false, strict_scopes: false });
    expect(await found()).toEqual({});
  });

  it('shows a token until it meets them, and no policy has broken it meanwhile', async () => {
    const { id, token } = await world.token({}, by);
    await by.patch('/v1/workspace', { max_token_ttl: 60 });
    expect(await world.verify(token, {}, by)).toMatchObject({ valid: true });
    expect((await report()).data).toHaveLength(1);
    const expires_at = new Date(world.clock.now() + 60_000).toISOString();
    await by.post(`/v1/tokens/${id}/rotate`, { expires_at });
    expect((await report()).data).toEqual([]);
  });

  it('comes in pages, of the caller’s environment', async () => {
    for (const name of ['1', '2', '3', '4', '5']) await world.token({ name }, by);
    const test = world.as((await world.apiKey({ environment: 'test' }, by)).key);
    await world.token({ name: 'of test' }, test);
    await by.patch('/v1/workspace', { require_expiry: true });
    const names: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await report(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      names.push(...page.data.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(names).toEqual(['5', '4', '3', '2', '1']);
    expect(await found(test)).toEqual({ 'of test': ['require_expiry'] });
  });

  it('looks at so many tokens a page only, and finds the others on the next', async () => {
    const { id } = await world.token({ name: 'one that lives for ever' }, by);
    await world.database.query(
      `insert into tokens (id, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type, expires_at)
       select id || n, workspace_id, environment, 'short', scopes, hint, prefix, created_at, created_by_type,
              created_at + interval '1 hour'
         from tokens, generate_series(1, 2500) n where id = $1`,
      [id],
    );
    await by.patch('/v1/workspace', { require_expiry: true });
    const first = await report();
    expect(first).toMatchObject({ data: [], next_cursor: expect.any(String) as unknown });
    const second = await report(`cursor=${String(first.next_cursor)}`);
    expect(second.data.map((item) => item.id)).toEqual([id]);
    expect(second.next_cursor).toBeNull();
  });
});
