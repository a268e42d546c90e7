import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { after, fromDashboard, PASSWORD, person, session, signIn } from '../support/people.js';
import { World } from '../support/world.js';

const HOUR = 3600_000;
const NEW_PASSWORD = 'nine brass doorknobs, humming';

interface SessionJson {
  id: string;
  current: boolean;
  ip: string;
  last_seen_at: string;
  signed_in_at: string;
}

describe('a session', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  const list = async (by: Caller) => (await by.get<{ data: SessionJson[] }>('/v1/sessions')).body.data;
  const isIn = async (by: Caller) => (await by.get('/v1/me')).status === 200;

  it('is over after twelve hours in which nobody used it, and not before', async () => {
    const { id, by } = await person(world, 'developer');
    for (let hours = 0; hours < 24; hours += 11) {
      expect(await isIn(by)).toBe(true);
      world.clock.advance(11 * HOUR);
    }
    expect(await isIn(by)).toBe(true);
    world.clock.advance(12 * HOUR);
    const answer = await by.get('/v1/me');
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'expired_session', actor_id: id });
  });

  it('is over after seven days, however busy; a new value makes it no younger', async () => {
    const { id, by } = await person(world, 'developer');
    const begun = world.clock.now();
    let current = by;
    while (world.clock.now() < begun + 7 * 24 * HOUR - 10 * HOUR) {
      world.clock.advance(9 * HOUR);
      expect(await isIn(current)).toBe(true);
    }
    const confirmed = await current.post('/v1/session/sudo', { password: PASSWORD });
    current = after(fromDashboard(world), confirmed);
    expect(await isIn(current)).toBe(true);
    world.clock.advance(10 * HOUR);
    expect(await isIn(current)).toBe(false);
    expect((await world.database.query('select from sessions where user_id = $1', [id])).length).toBe(2);
  });

  it('says who is signed in, where and as what', async () => {
    const { id, email, by } = await person(world, 'admin', { name: 'Grace', sudo: false });
    const answer = await by.get('/v1/session');
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^ses_/),
      user: { id, email, name: 'Grace' },
      workspace: expect.objectContaining({ slug: 'default', role: 'admin' }),
      role: 'admin',
      environment: 'live',
      workspaces: [expect.objectContaining({ slug: 'default', role: 'admin' })],
      sudo_until: null,
      expires_at: expect.any(String),
    });
    await expect(answer).toHaveAudited(world, { action: 'session.read', outcome: 'success', actor_id: id });
  });

  it('is listed with the others of its person, and with nobody else’s', async () => {
    const { id, by } = await person(world, 'developer');
    const other = await session(world, id);
    await person(world, 'developer');
    const rows = await list(by);
    expect(rows).toHaveLength(2);
    expect(rows.map(({ current }) => current)).toEqual([false, true]);
    expect(rows[0]).toMatchObject({ ip: '127.0.0.1', user_agent: 'a browser', second_factor: false });
    await other.by.delete('/v1/session');
    expect(await list(by)).toHaveLength(1);
  });

  it('is ended from another, at once and everywhere; not by anybody else', async () => {
    const { id, by } = await person(world, 'developer');
    const other = await session(world, id);
    const [{ id: doomed } = { id: '' }] = (await list(by)).filter(({ current }) => !current);
    const stranger = await person(world, 'owner');
    expect(await stranger.by.delete(`/v1/sessions/${doomed}`)).toBeProblem('not_found');
    expect(await isIn(other.by)).toBe(true);
    const answer = await by.delete(`/v1/sessions/${doomed}`);
    expect(answer.status).toBe(204);
    await expect(answer).toHaveAudited(world, {
      action: 'session.revoke',
      outcome: 'success',
      target_id: doomed,
    });
    for (const instance of [0, 1]) {
      expect(await isIn(fromDashboard(world, instance).with({ cookie: other.cookie }))).toBe(false);
    }
    expect(await by.delete(`/v1/sessions/${doomed}`)).toBeProblem('not_found');
  });

  it('writes down that it is used at most once a minute', async () => {
    const { id, by } = await person(world, 'developer');
    world.clock.hold();
    const seen = async () =>
      (
        await world.database.query<{ seen: Date }>(
          'select last_seen_at as seen from sessions where user_id = $1',
          [id],
        )
      )[0]!.seen.getTime();
    const first = await seen();
    world.clock.advance(59_000);
    await isIn(by);
    expect(await seen()).toBe(first);
    world.clock.advance(1_000 + 60_000);
    await isIn(by);
    expect(await seen()).toBe(world.clock.now());
  });

  it('does not outlive a change of the password, but for the one that changes it, which gets a new value', async () => {
    const { id, email, by } = await person(world, 'developer');
    const other = await session(world, id);
    const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const answer = await by.post('/v1/account/password', change);
    expect(answer.status).toBe(204);
    await expect(answer).toHaveAudited(world, { action: 'session.password_change', outcome: 'success' });
    expect([await isIn(by), await isIn(other.by), await isIn(after(fromDashboard(world), answer))]).toEqual([
      false,
      false,
      true,
    ]);
    expect((await signIn(fromDashboard(world), email)).status).toBe(401);
    expect((await signIn(fromDashboard(world), email, NEW_PASSWORD)).status).toBe(200);
  });

  it('changes no password without the one so far, nor to one that is guessed first', async () => {
    const { id, email, by } = await person(world, 'developer');
    const wrong = await by.post('/v1/account/password', {
      current_password: 'not this',
      new_password: NEW_PASSWORD,
    });
    expect(wrong).toBeProblem('forbidden', ['current_password']);
    await expect(wrong).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_password', actor_id: id });
    for (const new_password of ['short', 'password1234', '111111111111', 'x'.repeat(129)]) {
      const body = { current_password: PASSWORD, new_password };
      expect(await by.post('/v1/account/password', body)).toBeProblem('invalid_request', ['new_password']);
    }
    expect(await isIn(by)).toBe(true);
    expect((await signIn(fromDashboard(world), email)).status).toBe(200);
  });

  it('lets its person change what they are called, of which the log keeps only that', async () => {
    const { id, email, by } = await person(world, 'auditor');
    const answer = await by.patch('/v1/account', { name: 'Augusta King' });
    expect(answer.body).toEqual({ id, email, name: 'Augusta King' });
    await expect(answer).toHaveAudited(world, {
      action: 'account.update',
      outcome: 'success',
      target_id: id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({ details: { changed: true }, changes: null });
    expect((await by.get('/v1/me')).body.name).toBe('Augusta King');
  });
});
