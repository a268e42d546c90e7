import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { account, after, fromDashboard, PASSWORD, person } from '../support/people.js';
import { passkeyRow } from '../support/second-factors.js';
import { World, type Json } from '../support/world.js';

const MINUTE = 60_000;

describe('what lasts', () => {
  let world: World;
  let key: Json;
  let member: { id: string };
  beforeAll(async () => {
    world = await World.start();
  });
  beforeEach(async () => {
    world.clock.advance(MINUTE);
    key = await world.apiKey();
    member = await account(world, 'developer');
  });
  afterAll(() => world.close());

  const ASKS: [string, (by: Caller) => Promise<{ status: number }>][] = [
    ['to create an API key', (by) => by.post('/v1/api-keys', { name: 'x' })],
    ['to regenerate one', (by) => by.post(`/v1/api-keys/${key.id}/regenerate`)],
    ['to delete one', (by) => by.delete(`/v1/api-keys/${key.id}`)],
    ['to stop one by its value', (by) => by.post('/v1/api-keys/revoke', { api_key: 'x' })],
    ['to change a role', (by) => by.patch(`/v1/members/${member.id}`, { role: 'admin' })],
    ['to remove a person', (by) => by.delete(`/v1/members/${member.id}`)],
    [
      'to invite one',
      (by) => by.post('/v1/members/invitations', { email: `${key.id}@example.com`, role: 'admin' }),
    ],
    ['to begin with an authenticator app', (by) => by.post('/v1/account/totp')],
    ['to begin with a passkey', (by) => by.post('/v1/account/passkeys/options')],
    ['to remove a passkey', async (by) => by.delete(`/v1/account/passkeys/${await passkeyRow(world, by)}`)],
    [
      'to make recovery codes anew',
      async (by) => {
        await passkeyRow(world, by);
        return by.post('/v1/account/recovery-codes');
      },
    ],
  ];

  it.each(ASKS)('is asked for again, and only then done: %s', async (_what, ask) => {
    const { id, by } = await person(world, 'owner', { sudo: false });
    const refused = await ask(by);
    expect(refused).toBeProblem('forbidden', ['session']);
    expect(refused).toMatchObject({
      body: { details: [{ field: 'session', message: 'sudo_required' }], required_scopes: [] },
    });
    await expect(refused).toHaveAudited(world, { outcome: 'denied', reason: 'sudo_required', actor_id: id });

    const confirmed = await by.post('/v1/session/sudo', { password: PASSWORD });
    expect(confirmed.status).toBe(200);
    expect((await ask(after(fromDashboard(world), confirmed))).status).toBeLessThan(300);
  });

  it('is done for ten minutes without asking, to the millisecond', async () => {
    const { by } = await person(world, 'owner', { sudo: false });
    world.clock.hold();
    const confirmed = await by.post('/v1/session/sudo', { password: PASSWORD });
    const until = new Date(world.clock.now() + 10 * MINUTE).toISOString();
    expect(confirmed.body).toEqual({ sudo_until: until });
    const current = after(fromDashboard(world), confirmed);
    expect((await current.get('/v1/session')).body.sudo_until).toBe(until);
    world.clock.advance(10 * MINUTE - 1);
    expect((await current.post('/v1/api-keys', { name: 'x' })).status).toBe(201);
    world.clock.advance(1);
    expect(await current.post('/v1/api-keys', { name: 'x' })).toBeProblem('forbidden', ['session']);
  });

  it('gives the session a new value: who knew the old one has nothing', async () => {
    const { id, by } = await person(world, 'owner', { sudo: false });
    const confirmed = await by.post('/v1/session/sudo', { password: PASSWORD });
    await expect(confirmed).toHaveAudited(world, {
      action: 'session.sudo',
      outcome: 'success',
      actor_id: id,
    });
    expect(await by.get('/v1/me')).toBeProblem('unauthorized');
    expect(await by.post('/v1/api-keys', { name: 'x' })).toBeProblem('unauthorized');
  });

  it('takes the right password, and after some wrong ones has to wait', async () => {
    const { id, by } = await person(world, 'owner', { sudo: false });
    for (let i = 0; i < 5; i++) {
      const wrong = await by.post('/v1/session/sudo', { password: 'not this' });
      expect(wrong).toBeProblem('forbidden', ['password']);
      await expect(wrong).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_password', actor_id: id });
    }
    const answer = await by.post('/v1/session/sudo', { password: PASSWORD });
    expect(answer).toBeProblem('rate_limited');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    world.clock.advance(MINUTE);
    expect((await by.post('/v1/session/sudo', { password: PASSWORD })).status).toBe(200);
  });

  it('is not asked of API keys, which prove who they are each time', async () => {
    expect((await world.root.post('/v1/api-keys', { name: 'x' })).status).toBe(201);
    expect((await world.root.patch(`/v1/members/${member.id}`, { role: 'auditor' })).status).toBe(200);
  });

  it('is asked for anew of a person whose role was changed', async () => {
    const { id, by } = await person(world, 'admin');
    expect((await by.post('/v1/api-keys', { name: 'x' })).status).toBe(201);
    const owner = await person(world, 'owner');
    await owner.by.patch(`/v1/members/${id}`, { role: 'owner' });
    expect(await by.post('/v1/api-keys', { name: 'x' })).toBeProblem('forbidden', ['session']);
  });
});
