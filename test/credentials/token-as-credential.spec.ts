import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

describe('a token as a credential', () => {
  let world: World;
  let owner: Caller;
  let workspace: { id: string; slug: string };
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const token = (body: object = {}) => world.token(body, owner);
  const from = (ip: string, secret: string) => world.as(secret).with({ 'x-forwarded-for': ip });

  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.0/8,::1' } });
    world.clock.hold();
    const made = await world.workspace('Example Ltd');
    workspace = made;
    owner = world.as(made.key);
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  /** The 401 that is the same for all, and in the log of the token's own workspace why and who. */
  const expectRefused = async (answer: Answer, id: string, reason: string) => {
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, {
      workspace_id: workspace.id,
      environment: 'live',
      outcome: 'denied',
      reason,
      actor_id: id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`, owner);
    expect(event).toMatchObject({ actor: { type: 'token', id, name: 'a token' }, request: { status: 401 } });
    expect(await world.events(`request_id=${answer.requestId}&log=instance`)).toEqual([]);
  };

  it('lets its holder in, within its scopes, and says who it is', async () => {
    const { id, token: secret } = await token({
      name: 'Acme',
      scopes: ['tokens:read', 'a:b'],
      expires_in: 60,
    });
    expect((await world.as(secret).get('/v1/me')).body).toEqual({
      type: 'token',
      id,
      name: 'Acme',
      environment: 'live',
      scopes: ['tokens:read', 'a:b'],
      expires_at: at(60_000),
      workspace: { id: workspace.id, name: 'Example Ltd', slug: workspace.slug },
    });
  });

  it('is accepted by HTTP Basic too, with no user name or the workspace’s slug', async () => {
    const { token: secret } = await token({ prefix: 'acme' });
    const basic = (user: string) =>
      world
        .anonymous()
        .with({ authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` });
    for (const user of ['', workspace.slug]) expect((await basic(user).get('/v1/me')).status).toBe(200);
    expect(await basic('default').get('/v1/me')).toBeProblem('unauthorized');
  });

  it('is none while it is disabled', async () => {
    const { id, token: secret } = await token();
    await owner.patch(`/v1/tokens/${id}`, { enabled: false });
    await expectRefused(await world.as(secret).get('/v1/me'), id, 'disabled_token');
    await owner.patch(`/v1/tokens/${id}`, { enabled: true });
    expect((await world.as(secret).get('/v1/me')).status).toBe(200);
  });

  it('is none before not_before, and one at that very moment', async () => {
    const { id, token: secret } = await token({ not_before: at(1000) });
    world.clock.advance(999);
    await expectRefused(await world.as(secret).get('/v1/me'), id, 'not_yet_valid');
    world.clock.advance(1);
    expect((await world.as(secret).get('/v1/me')).status).toBe(200);
  });

  it('is none at expires_at and later', async () => {
    const { id, token: secret } = await token({ expires_at: at(1000) });
    world.clock.advance(999);
    expect((await world.as(secret).get('/v1/me')).status).toBe(200);
    world.clock.advance(1);
    await expectRefused(await world.as(secret).get('/v1/me'), id, 'expired_token');
  });

  it('is none once it is revoked', async () => {
    const { id, token: secret } = await token();
    await owner.post(`/v1/tokens/${id}/revoke`);
    await expectRefused(await world.as(secret).get('/v1/me'), id, 'revoked_token');
  });

  it('is none outside of its allowed_ips', async () => {
    const { id, token: secret } = await token({ allowed_ips: ['203.0.113.0/24', '2001:db8::/32'] });
    for (const ip of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::7']) {
      expect((await from(ip, secret).get('/v1/me')).status).toBe(200);
    }
    for (const ip of ['203.0.114.7', '2001:db9::7']) {
      await expectRefused(await from(ip, secret).get('/v1/me'), id, 'ip_not_allowed');
    }
    await expectRefused(await world.as(secret).get('/v1/me'), id, 'ip_not_allowed');
  });

  it('is none for the state of an ancestor either', async () => {
    const parent = await token({ name: 'parent', scopes: ['tokens:write', 'a:b'] });
    const child = await world.token({ scopes: ['a:b'] }, world.as(parent.token));
    await owner.patch(`/v1/tokens/${parent.id}`, { allowed_ips: ['203.0.113.0/24'] });
    await expectRefused(await world.as(child.token).get('/v1/me'), child.id, 'ip_not_allowed');
    await owner.patch(`/v1/tokens/${parent.id}`, { enabled: false });
    await expectRefused(await world.as(child.token).get('/v1/me'), child.id, 'disabled_token');
    await owner.delete(`/v1/tokens/${parent.id}`);
    await expectRefused(await world.as(child.token).get('/v1/me'), child.id, 'revoked_token');
  });

  it('is refused before its scopes and the rest of the request are looked at', async () => {
    const { id, token: secret } = await token();
    await owner.delete(`/v1/tokens/${id}`);
    for (const answer of [
      await world.as(secret).get('/v1/api-keys'),
      await world.as(secret).post('/v1/tokens', { nonsense: true }),
      await world.as(secret).post('/v1/tokens', '{ no json'),
      await world.as(secret).get('/v1/tokens/nothing'),
    ]) {
      await expectRefused(answer, id, 'revoked_token');
    }
  });

  it('is refused in the same words whatever the reason, known or not', async () => {
    const states = [
      await token(),
      await token({ expires_in: 1 }),
      await token({ allowed_ips: ['10.0.0.1'] }),
    ];
    await owner.delete(`/v1/tokens/${states[0]!.id}`);
    world.clock.advance(1000);
    const secrets = [...states.map(({ token: secret }) => secret), unissued('tkn')];
    const answers = await Promise.all(secrets.map((secret) => world.as(secret).get('/v1/me')));
    const told = answers.map(({ text, requestId, headers }) => {
      const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(headers);
      return { text: text.replace(requestId, ''), rest };
    });
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(told[0]?.text).toContain('Invalid or missing API key');
  });
});
