import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

describe('a rotation that is refused', () => {
  let world: World;
  const rotate = (id: string, body?: unknown, by: Caller = world.root) =>
    by.post<Json & { token: string }>(`/v1/tokens/${id}/rotate`, body);
  const finish = (id: string, by: Caller = world.root) => by.post<Json>(`/v1/tokens/${id}/rotate/finish`);
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const issuer = (body: object = {}, by: Caller = world.root) =>
    world.token({ scopes: ['tokens:write', 'things:read'], ...body }, by);
  /** Nothing came of it: no value ended, and none came to be. */
  const expectUnchanged = async ({ id, token }: Json & { token: string }) => {
    expect(await world.verify(token)).toMatchObject({ valid: true });
    const values = await world.database.query('select from credential_secrets where owner_id = $1', [id]);
    expect(values).toHaveLength(1);
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

  it.each<[unknown, string[]]>([
    [{ grace_period_seconds: -1 }, ['grace_period_seconds']],
    [{ grace_period_seconds: 2_592_001 }, ['grace_period_seconds']],
    [{ grace_period_seconds: 1.5 }, ['grace_period_seconds']],
    [{ grace_period_seconds: '60' }, ['grace_period_seconds']],
    [{ grace_period_seconds: null }, ['grace_period_seconds']],
    [{ expires_at: '2020-01-01T00:00:00Z' }, ['expires_at']],
    [{ expires_at: 'tomorrow', expires_in: 60, token: 'x' }, ['expires_at', 'expires_in', 'token']],
  ])('for its body %j', async (body, fields) => {
    const token = await world.token();
    const answer = await rotate(token.id, body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, { action: 'token.rotate', outcome: 'failure' });
    await expectUnchanged(token);
  });

  it('for an expiry that has come', async () => {
    const token = await world.token();
    expect(await rotate(token.id, { expires_at: at(0) })).toBeProblem('invalid_request', ['expires_at']);
    expect((await rotate(token.id, { expires_at: at(1) })).status).toBe(200);
  });

  it('for an expiry before the token begins', async () => {
    const { id } = await world.token({ not_before: at(1_000) });
    expect(await rotate(id, { expires_at: at(1_000) })).toBeProblem('invalid_request', ['expires_at']);
    expect((await rotate(id, { expires_at: at(1_001) })).status).toBe(200);
  });

  it('for a token that is revoked or over, by itself or by an ancestor', async () => {
    const revoked = await world.token();
    await world.root.post(`/v1/tokens/${revoked.id}/revoke`);
    const over = await world.token({ expires_in: 1 });
    const suspended = await world.token({ expires_in: 1 });
    await world.root.patch(`/v1/tokens/${suspended.id}`, { enabled: false });
    const parent = await issuer({ expires_in: 1 });
    const child = await world.token({}, world.as(parent.token));
    world.clock.advance(1_000);
    for (const { id } of [revoked, over, suspended, child]) {
      const answer = await rotate(id, { expires_at: at(60_000) });
      expect(answer).toBeProblem('conflict');
      await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'conflict', target_id: id });
    }
  });

  it('to be finished, for a token that is revoked', async () => {
    const { id } = await world.token();
    await rotate(id, { grace_period_seconds: 60 });
    await world.root.post(`/v1/tokens/${id}/revoke`);
    expect(await finish(id)).toBeProblem('conflict');
  });

  it('to be finished, for a body that says something', async () => {
    const { id } = await world.token();
    expect(await world.root.post(`/v1/tokens/${id}/rotate/finish`, { now: true })).toBeProblem(
      'invalid_request',
      ['now'],
    );
  });

  it('for a token that acts on itself, its parent, a sibling or what an API key issued', async () => {
    const top = await issuer();
    const self = await issuer({}, world.as(top.token));
    const sibling = await issuer({}, world.as(top.token));
    const stranger = await issuer();
    for (const token of [self, top, sibling, stranger]) {
      for (const answer of [
        await rotate(token.id, {}, world.as(self.token)),
        await finish(token.id, world.as(self.token)),
      ]) {
        expect(answer).toBeProblem('forbidden');
        await expect(answer).toHaveAudited(world, { outcome: 'denied', target_id: token.id });
      }
      await expectUnchanged(token);
    }
  });

  it('but not for a token that rotates what it has issued, or what that has', async () => {
    const top = await issuer();
    const child = await issuer({}, world.as(top.token));
    const grandchild = await issuer({}, world.as(child.token));
    for (const { id } of [child, grandchild]) {
      expect((await rotate(id, { grace_period_seconds: 60 }, world.as(top.token))).status).toBe(200);
      expect((await finish(id, world.as(top.token))).status).toBe(200);
    }
  });

  it('for a token that gives a later expiry than its own, or none', async () => {
    const top = await issuer({ expires_in: 60 });
    const child = await world.token({}, world.as(top.token));
    for (const expires_at of [at(60_001), null]) {
      const answer = await rotate(child.id, { expires_at }, world.as(top.token));
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'insufficient_scope' });
    }
    await expectUnchanged(child);
    for (const body of [{ expires_at: at(60_000) }, {}]) {
      expect((await rotate(child.id, body, world.as(top.token))).body.expires_at).toBe(at(60_000));
    }
  });

  it('for a token without the scope', async () => {
    const { id, token } = await world.token({ scopes: ['tokens:read', 'tokens:verify'] });
    expect(await rotate(id, {}, world.as(token))).toBeProblem('forbidden');
    expect(await finish(id, world.as(token))).toBeProblem('forbidden');
  });
});
