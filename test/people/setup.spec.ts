import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PeopleBySystem } from '../../src/founding/people-by-system.service.js';
import { SetupService } from '../../src/founding/setup.service.js';
import { everythingStored } from '../support/everything-stored.js';
import { account, after, fromDashboard, PASSWORD, person, signIn } from '../support/people.js';
import { World } from '../support/world.js';

const MINUTE = 60_000;

describe('the first owner', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(async () => {
    world.clock.advance(MINUTE);
    await world.database.query('truncate users cascade');
  });
  afterAll(() => world.close());

  const setup = (instance = 0) => world.apps[instance]!.get(SetupService, { strict: false });
  const complete = (token: string, email = 'ada@example.com', instance = 0) =>
    fromDashboard(world, instance).post('/v1/setup', { token, email, name: 'Ada', password: PASSWORD });

  it('is made with the link that the terminal shows, and is signed in', async () => {
    expect((await world.anonymous().get('/v1/setup')).body).toEqual({ pending: true, signup: 'closed' });
    const token = (await setup().prepare())!;
    const answer = await complete(token);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      status: 'signed_in',
      user: { email: 'ada@example.com', name: 'Ada' },
    });
    const { user } = answer.body as { user: { id: string } };
    await expect(answer).toHaveAudited(world, {
      action: 'setup.complete',
      outcome: 'success',
      actor_id: user.id,
    });
    expect((await after(fromDashboard(world), answer).get('/v1/session')).body).toMatchObject({
      role: 'owner',
      workspace: { slug: 'default' },
    });
    expect((await world.anonymous().get('/v1/setup')).body).toEqual({ pending: false, signup: 'closed' });
    expect(await setup().prepare()).toBeNull();
    expect(await everythingStored(world.database)).not.toContain(token);
  });

  it('is one, of many who use links at the same time', async () => {
    const tokens = await Promise.all([0, 1, 0, 1].map((instance) => setup(instance).prepare()));
    const answers = await Promise.all(
      tokens.map((token, at) => complete(token!, `ada-${String(at)}@example.com`, at % 2)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await world.database.query('select from users')).toHaveLength(1);
  });

  it('is made by no link that is older than 30 minutes, used or made up', async () => {
    const token = (await setup().link())!;
    world.clock.advance(30 * MINUTE);
    expect(await complete(token)).toBeProblem('not_found');
    expect(await complete('x'.repeat(43))).toBeProblem('not_found');
    const fresh = (await setup().link())!;
    expect((await complete(fresh)).status).toBe(201);
    expect(await complete(fresh)).toBeProblem('not_found');
  });

  it('is made by no link of another purpose', async () => {
    const { email } = await account(world, 'owner');
    const reset = await world.apps[0]!.get(PeopleBySystem, { strict: false }).resetLink(email);
    expect(await complete(reset!)).toBeProblem('not_found');
  });
});

describe('TOOKEN_ADMIN_EMAIL and TOOKEN_ADMIN_PASSWORD', () => {
  let world: World;
  beforeAll(async () => {
    const env = { TOOKEN_ADMIN_EMAIL: 'Grace@Example.com', TOOKEN_ADMIN_PASSWORD: PASSWORD };
    world = await World.start({ instances: 2, env });
  });
  afterAll(() => world.close());

  it('make the first owner at the start, once, and no link', async () => {
    const links = await Promise.all(
      world.apps.map((app) => app.get(SetupService, { strict: false }).prepare()),
    );
    expect(links).toEqual([null, null]);
    const answer = await signIn(fromDashboard(world), 'grace@example.com');
    expect(answer.body).toMatchObject({ user: { name: 'Grace' }, workspaces: [{ role: 'owner' }] });
    const events = await world.events('action=setup.complete');
    expect(events.map(({ actor, outcome }) => [actor.type, outcome])).toEqual([['system', 'success']]);
  });
});

describe('a forgotten password', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('is replaced with the link of the command line, once, within 30 minutes; every session ends', async () => {
    const { email, by } = await person(world, 'owner');
    const people = world.apps[0]!.get(PeopleBySystem, { strict: false });
    expect(await people.resetLink('nobody@example.com')).toBeNull();
    const [late, token] = [await people.resetLink(email), await people.resetLink(email)];
    const reset = (value: string | null, new_password = 'nine brass doorknobs, humming') =>
      fromDashboard(world).post('/v1/account/password/reset', { token: value, new_password });
    expect(await reset(token, 'password1234')).toBeProblem('invalid_request', ['new_password']);
    const answer = await reset(token);
    expect(answer.status).toBe(204);
    await expect(answer).toHaveAudited(world, { action: 'session.password_reset', outcome: 'success' });
    expect(await by.get('/v1/me')).toBeProblem('unauthorized');
    expect((await signIn(fromDashboard(world), email)).status).toBe(401);
    expect((await signIn(fromDashboard(world), email, 'nine brass doorknobs, humming')).status).toBe(200);
    expect(await reset(token)).toBeProblem('not_found');
    world.clock.advance(30 * MINUTE);
    expect(await reset(late)).toBeProblem('not_found');
  });
});

describe('signing up', () => {
  const BODY = { email: 'ada@example.com', name: 'Ada', password: PASSWORD, workspace: 'Example Ltd' };

  it('is closed unless told', async () => {
    const world = await World.start();
    try {
      const answer = await fromDashboard(world).post('/v1/signup', BODY);
      expect(answer).toBeProblem('not_found');
      await expect(answer).toHaveAudited(world, { action: 'account.signup', outcome: 'denied' });
      expect(await world.database.query('select from users')).toEqual([]);
    } finally {
      await world.close();
    }
  });

  it('where it is open makes a person with a workspace of their own, apart from all others', async () => {
    const world = await World.start({ env: { TOOKEN_SIGNUP: 'open' } });
    try {
      expect((await world.anonymous().get('/v1/setup')).body).toEqual({ pending: true, signup: 'open' });
      const answer = await fromDashboard(world).post('/v1/signup', BODY);
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        status: 'signed_in',
        workspaces: [{ name: 'Example Ltd', slug: 'example-ltd', role: 'owner' }],
      });
      const by = after(fromDashboard(world), answer);
      expect((await by.get('/v1/me')).body).toMatchObject({
        workspace: { slug: 'example-ltd' },
        scopes: '*',
      });
      expect(await by.get('/v1/audit-events?log=instance')).toBeProblem('forbidden');
      expect(await fromDashboard(world).post('/v1/signup', BODY)).toBeProblem('conflict');
      await expect(answer).toHaveAudited(world, { action: 'account.signup', outcome: 'success' });
    } finally {
      await world.close();
    }
  });
});
