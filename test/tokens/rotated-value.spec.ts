import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { until } from '../support/product.js';
import { World, type Json } from '../support/world.js';

interface Previous {
  hint: string;
  expires_at: string;
  last_used_at: string | null;
  last_used_ip: string | null;
  uses_since_rotation: number;
}

describe('a value that rotation has replaced', () => {
  let world: World;
  const read = async (id: string, by: Caller = world.root) =>
    (await by.get<Json & { previous: Previous | null }>(`/v1/tokens/${id}`)).body;
  const rotate = async (id: string, body: object = {}, by: Caller = world.root) =>
    (await by.post<Json & { token: string }>(`/v1/tokens/${id}/rotate`, body)).body;
  const iso = (at: number) => new Date(at).toISOString();
  /** A rotated token of a workspace with this policy; `old` is its former value, `token` its own. */
  const rotated = async (policy: 'alert' | 'revoke') => {
    const { id: workspaceId, key } = await world.workspace(`policy ${policy}`);
    await world.database.query('update workspaces set reuse_policy = $1 where id = $2', [
      policy,
      workspaceId,
    ]);
    const owner = world.as(key);
    const scopes = ['tokens:write', 'tokens:verify', 'things:read'];
    const { id, token: old, hint } = await world.token({ scopes }, owner);
    const child = await world.token({}, world.as(old));
    const { token } = await rotate(id, {}, owner);
    return { id, old, oldHint: hint, token, child, owner, key };
  };

  beforeAll(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  describe('shows who still uses it', () => {
    it('as a caller and presented to the owner, on every instance, and nobody who was refused', async () => {
      const { id, token: old, hint } = await world.token({ scopes: ['tokens:read', 'tokens:verify'] });
      await world.as(old).get('/v1/me');
      await world.verify(old);
      const { token } = await rotate(id, { grace_period_seconds: 3600 });
      const rotatedAt = world.clock.now();
      const unused = { hint, expires_at: iso(rotatedAt + 3_600_000), uses_since_rotation: 0 };
      expect((await read(id)).previous).toEqual({ ...unused, last_used_at: null, last_used_ip: null });

      world.clock.advance(1_000);
      const from = (ip: string, instance = 0) => world.as(old, instance).with({ 'x-forwarded-for': ip });
      await from('203.0.113.1').get('/v1/tokens');
      await world.verify(old, { client_ip: '203.0.113.2' }, world.as(world.rootKey, 1));
      // A forbidden call is a use: the value was let in. Two in a batch are two, and one verifying itself is both.
      await from('203.0.113.3', 1).post('/v1/tokens', { name: 'no', scopes: ['a:b'] });
      await world.root.post('/v1/tokens/verify-batch', {
        items: [{ token: old }, { token: old }, { token }],
      });
      world.clock.advance(1_000);
      await from('203.0.113.4').post('/v1/tokens/verify', { token: old, client_ip: '203.0.113.5' });
      const lastUse = world.clock.now();
      world.clock.advance(1_000);
      // None of these is a use of it.
      await world.verify(old, { scopes: ['more:rights'] });
      await world.verify(token);
      await world.as(token).get('/v1/me');
      await from('203.0.113.6')
        .with({ authorization: `Basic ${btoa(`wrong:${old}`)}` })
        .get('/v1/me');

      await until(async () => (await read(id)).previous?.uses_since_rotation === 7);
      const shown = (await read(id)).previous!;
      expect(shown).toMatchObject({ ...unused, uses_since_rotation: 7, last_used_at: iso(lastUse) });
      expect(['203.0.113.4', '203.0.113.5']).toContain(shown.last_used_ip);
      const { data } = (await world.root.get<{ data: Json[] }>('/v1/tokens?limit=1')).body;
      expect(data[0]).toMatchObject({ id, previous: shown });
    });

    it('also after it has ended, and begins anew with the next rotation', async () => {
      const { id, token: first } = await world.token();
      const second = await rotate(id, { grace_period_seconds: 1 });
      await world.verify(first, { client_ip: '203.0.113.7' });
      await until(async () => (await read(id)).previous?.uses_since_rotation === 1);
      world.clock.advance(1_000);
      await world.verify(first);
      expect((await read(id)).previous).toMatchObject({
        uses_since_rotation: 1,
        last_used_ip: '203.0.113.7',
      });
      const third = await rotate(id, { grace_period_seconds: 1 });
      expect(third.previous).toMatchObject({ hint: second.hint, uses_since_rotation: 0, last_used_at: null });
    });
  });

  describe('presented after its end', () => {
    it('is refused like any other, and the log says why', async () => {
      const { id, old, oldHint, owner } = await rotated('alert');
      const refused = await world.as(old, 1).get('/v1/me');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'rotated_value',
        actor_id: id,
      });
      expect(await world.verify(old, {}, owner)).toMatchObject({ valid: false, code: 'expired' });
      const events = await world.events('reason=rotated_value', owner);
      expect(events.map(({ action }) => action)).toEqual(['token.verify', 'me.read']);
      expect(events[0]).toMatchObject({ target: { id }, details: { hint: oldHint } });
      expect(events[1]).toMatchObject({ actor: { id, hint: oldHint } });
    });

    it('is so from the end of its grace on, and not for a token that expires', async () => {
      const { id, token: old } = await world.token({ expires_in: 60 });
      const { token } = await rotate(id, { grace_period_seconds: 1 });
      const reasonOf = async (value: string) =>
        (await world.eventsOf((await world.as(value).get('/v1/me')).requestId))[0]?.reason;
      expect(await reasonOf(old)).toBeNull();
      world.clock.advance(1_000);
      expect(await reasonOf(old)).toBe('rotated_value');
      world.clock.advance(59_000);
      expect(await reasonOf(token)).toBe('expired_token');
    });

    it('revokes nothing unless the workspace says so', async () => {
      const { id, old, token, owner } = await rotated('alert');
      await world.as(old).get('/v1/me');
      await world.verify(old, {}, owner);
      expect((await read(id, owner)).status).toBe('active');
      expect((await world.as(token).get('/v1/me')).status).toBe(200);
    });

    it.each<[string, (old: string, owner: Caller) => Promise<{ requestId: string }>]>([
      ['as a credential', (old) => world.as(old, 1).get('/v1/me')],
      ['to the owner', (old, owner) => owner.post('/v1/tokens/verify', { token: old })],
      [
        'to the owner, who introspects it',
        (old, owner) =>
          owner
            .with({ 'content-type': 'application/x-www-form-urlencoded' })
            .post('/oauth/introspect', `token=${old}`),
      ],
      [
        'to the owner in a batch',
        (old, owner) => owner.post('/v1/tokens/verify-batch', { items: [{ token: old }] }),
      ],
    ])('%s revokes the token with its descendants where the workspace says so', async (_, present) => {
      const { id, old, oldHint, token, child, owner } = await rotated('revoke');
      const { requestId } = await present(old, owner);
      for (const each of [id, child.id]) {
        expect(await read(each, owner)).toMatchObject({ status: 'revoked', revoked_reason: 'reuse' });
      }
      for (const value of [token, child.token])
        expect((await world.as(value).get('/v1/me')).status).toBe(401);
      // One event for the presentation, and one for what the system made of it.
      const [presentation, ...others] = await world.events(`request_id=${requestId}`, owner);
      expect(others).toEqual([]);
      expect(presentation).toMatchObject({ outcome: 'denied', reason: 'rotated_value' });
      const [event, ...more] = await world.events(`action=token.revoke&target_id=${id}`, owner);
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        outcome: 'success',
        environment: 'live',
        actor: { type: 'system' },
        target: { id },
        request: null,
        changes: [{ field: 'revoked_at', from: null }],
        details: { reason: 'reuse', hint: oldHint, event_id: presentation!.id, revoked: 2 },
      });
    });

    it('by many at once on two instances revokes once', async () => {
      const { id, old, owner, key } = await rotated('revoke');
      const callers = [0, 1].map((instance) => world.as(key, instance));
      await Promise.all(
        Array.from({ length: 10 }, (_, n) => callers[n % 2]!.post('/v1/tokens/verify', { token: old })),
      );
      expect(await world.events(`action=token.revoke&target_id=${id}`, owner)).toHaveLength(1);
    });

    it('to somebody else’s verification is unknown, and revokes nothing', async () => {
      const { id, old, owner } = await rotated('revoke');
      expect(await world.verify(old)).toMatchObject({ code: 'not_found' });
      expect((await read(id, owner)).status).toBe('active');
    });

    it('is found by who searches for it, which revokes nothing', async () => {
      const { id, old, owner } = await rotated('revoke');
      const { body } = await owner.post('/v1/audit-events/search-by-secret', { secret: old });
      expect(body.credential).toMatchObject({ id, status: 'ended', ended_reason: 'rotated' });
      expect((await read(id, owner)).status).toBe('active');
    });
  });
});
