import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everythingStored } from '../support/everything-stored.js';
import { account, after, cookiesOf, fromDashboard, PASSWORD, person, signIn } from '../support/people.js';
import { World } from '../support/world.js';

describe('signing in', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('with the password of an account answers who it is and where they belong, and sets a cookie for this site alone', async () => {
    const { id, email } = await account(world, 'developer', { name: 'Ada' });
    const answer = await signIn(fromDashboard(world), email.toUpperCase());
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'signed_in',
      user: { id, email, name: 'Ada' },
      workspaces: [
        { id: expect.stringMatching(/^ws_/), name: 'default', slug: 'default', role: 'developer' },
      ],
      methods: [],
      ticket: null,
    });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^tooken_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
    const by = after(fromDashboard(world, 1), answer);
    expect((await by.get('/v1/me')).body).toMatchObject({
      type: 'user',
      id,
      scopes: ['tokens:*', 'scopes:*'],
    });
    await expect(answer).toHaveAudited(world, {
      action: 'session.login',
      outcome: 'success',
      actor_id: id,
      environment: null,
    });
    expect((await world.events(`request_id=${answer.requestId}`))[0]).toMatchObject({
      actor: { type: 'user', id, name: 'Ada' },
    });
    const { tooken_session: value } = cookiesOf(answer);
    expect(answer.text).not.toContain(value);
    expect(await everythingStored(world.database)).not.toContain(value);
  });

  it('is told of over HTTPS: then the cookie is Secure, and has the prefix that no other host can set', async () => {
    const { email } = await account(world, 'auditor');
    const by = world.anonymous();
    const answer = await signIn(by.with({ origin: by.url.replace('http:', 'https:') }), email);
    const names = Object.keys(cookiesOf(answer));
    expect(names).toEqual(['__Host-tooken_session', '__Host-tooken_device']);
    for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(/; Path=\/;.*; Secure$/);
    expect((await after(by, answer).get('/v1/session')).status).toBe(200);
  });

  it('fails alike with a wrong password, an unknown address, and an account that belongs nowhere', async () => {
    const { id, email } = await account(world, 'developer');
    const nowhere = await account(world, 'developer');
    await world.database.query('delete from memberships where user_id = $1', [nowhere.id]);
    const by = fromDashboard(world);
    const answers = [
      await signIn(by, email, 'not the password'),
      await signIn(by, 'nobody@example.com'),
      await signIn(by, nowhere.email),
    ];
    const faces = answers.map(({ status, text, requestId, headers }) => ({
      status,
      text: text.replace(requestId, ''),
      cookies: headers.getSetCookie(),
      challenge: headers.get('www-authenticate'),
    }));
    expect(faces[1]).toEqual(faces[0]);
    expect(faces[2]).toEqual(faces[0]);
    expect(answers[0]).toBeProblem('unauthorized');
    expect(faces[0]!.cookies).toEqual([]);
    await expect(answers[0]).toHaveAudited(world, {
      action: 'session.login',
      outcome: 'denied',
      reason: 'wrong_password',
      actor_id: id,
    });
    await expect(answers[1]).toHaveAudited(world, {
      outcome: 'denied',
      reason: 'unknown_user',
      actor_id: null,
      workspace_id: 'instance',
    });
    await expect(answers[2]).toHaveAudited(world, { outcome: 'denied', reason: 'no_workspace' });
  });

  it('gives a session of a new value each time, and never one that the browser has brought along', async () => {
    const { email } = await account(world, 'developer');
    const planted = 'A'.repeat(43);
    const first = await signIn(fromDashboard(world).with({ cookie: `tooken_session=${planted}` }), email);
    expect(cookiesOf(first).tooken_session).not.toBe(planted);
    expect(
      (
        await fromDashboard(world)
          .with({ cookie: `tooken_session=${planted}` })
          .get('/v1/me')
      ).status,
    ).toBe(401);
    const before = after(fromDashboard(world), first);
    const second = await signIn(before, email);
    expect((await after(fromDashboard(world), second).get('/v1/me')).status).toBe(200);
    // The one that the browser had is over.
    const answer = await before.get('/v1/me');
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'ended_session' });
  });

  it('ends with signing out, on every instance at once', async () => {
    const { id, by, cookie } = await person(world, 'developer');
    const answer = await by.delete('/v1/session');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([
      'tooken_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    ]);
    await expect(answer).toHaveAudited(world, { action: 'session.logout', outcome: 'success', actor_id: id });
    for (const instance of [0, 1]) {
      const refused = await fromDashboard(world, instance).with({ cookie }).get('/v1/session');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'ended_session',
        actor_id: id,
      });
    }
  });

  it.each([
    ['nothing', ''],
    ['an unknown value', `tooken_session=${'x'.repeat(43)}`],
    ['another cookie', 'session=x'],
    ['a value in quotes', 'tooken_session="x"'],
  ])('is asked of a browser that brings %s', async (_what, cookie) => {
    expect(await fromDashboard(world).with({ cookie }).get('/v1/session')).toBeProblem('unauthorized');
  });

  it('counts only where there is no other credential', async () => {
    const { cookie } = await person(world, 'auditor');
    const both = world.root.with({ cookie });
    expect((await both.get('/v1/me')).body).toMatchObject({ type: 'api_key' });
    const wrong = world.as('nonsense').with({ cookie });
    expect(await wrong.get('/v1/me')).toBeProblem('unauthorized');
  });

  it('makes no session when its event cannot be written', async () => {
    const { id, email } = await account(world, 'developer');
    await world.database.query('revoke insert on audit_events from tooken_app');
    try {
      const answer = await signIn(fromDashboard(world), email);
      expect(answer).toBeProblem('unavailable');
      expect(answer.headers.getSetCookie()).toEqual([]);
    } finally {
      await world.database.query('grant insert on audit_events to tooken_app');
    }
    expect(await world.database.query('select from sessions where user_id = $1', [id])).toEqual([]);
  });

  it('keeps no password but as argon2id', async () => {
    const [row] = await world.database.query<{ password_hash: string }>('select password_hash from users');
    expect(row!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await everythingStored(world.database)).not.toContain(PASSWORD);
  });
});
