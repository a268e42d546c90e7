import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { account, after, fromDashboard, PASSWORD, person, signIn, type Role } from '../support/people.js';
import { World } from '../support/world.js';

const DAY = 24 * 3600_000;

interface Invitation {
  id: string;
  token: string;
  link: string;
  email: string;
}

let count = 0;
const newEmail = () => `invited-${String((count += 1))}@example.com`;

describe('an invitation', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  const invite = (by: Caller, role: Role, email = newEmail()): Promise<Answer<Invitation>> =>
    by.post<Invitation>('/v1/members/invitations', { email, role });
  const accept = (token: string, more: object = { name: 'Grace' }, instance = 0) =>
    fromDashboard(world, instance).post('/v1/invitations/accept', { token, password: PASSWORD, ...more });

  it('shows its link in one answer and never again, behind the # that no server sees', async () => {
    const { by } = await person(world, 'owner');
    const answer = await invite(by, 'developer');
    expect(answer.status).toBe(201);
    const { id, token, link } = answer.body;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(link).toBe(`/invitation#${token}`);
    await expect(answer).toHaveAudited(world, { action: 'member.invite', outcome: 'success', target_id: id });
    const list = await by.get('/v1/members/invitations');
    expect(list.text).toContain(id);
    expect(list.text).not.toContain(token);
    expect(await everythingStored(world.database)).not.toContain(token);
  });

  it('lets one new person in, as what it says, signed in', async () => {
    const { body } = await invite(world.root, 'auditor');
    const read = await fromDashboard(world).post('/v1/invitations/read', { token: body.token });
    expect(read.body).toMatchObject({
      workspace: 'default',
      email: body.email,
      role: 'auditor',
      has_account: false,
    });
    const answer = await accept(body.token);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'signed_in', user: { email: body.email, name: 'Grace' } });
    const { user } = answer.body as { user: { id: string } };
    expect((await after(fromDashboard(world), answer).get('/v1/session')).body).toMatchObject({
      role: 'auditor',
    });
    await expect(answer).toHaveAudited(world, {
      action: 'member.join',
      outcome: 'success',
      actor_id: user.id,
      target_id: user.id,
    });
    expect((await signIn(fromDashboard(world), body.email)).status).toBe(200);
  });

  it('is used once, also when two accept it at the same time', async () => {
    const { body } = await invite(world.root, 'auditor');
    const answers = await Promise.all(
      [0, 1, 0, 1].map((instance) => accept(body.token, undefined, instance)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 404, 409].includes(status))).toEqual([]);
    expect(await accept(body.token)).toBeProblem('not_found');
    expect(await world.database.query('select from users where email = $1', [body.email])).toHaveLength(1);
  });

  it.each<[string, (id: string) => unknown]>([
    ['taken back', (id) => world.root.delete(`/v1/members/invitations/${id}`)],
    ['expired', () => world.clock.advance(7 * DAY)],
  ])('is nothing once it is %s: unknown, like any other', async (_how, end) => {
    const { body } = await invite(world.root, 'auditor');
    await end(body.id);
    for (const token of [body.token, 'x'.repeat(43)]) {
      expect(await accept(token)).toBeProblem('not_found');
      expect(await fromDashboard(world).post('/v1/invitations/read', { token })).toBeProblem('not_found');
    }
    expect((await world.root.get('/v1/members/invitations')).text).not.toContain(body.id);
    expect(await world.root.delete(`/v1/members/invitations/${body.id}`)).toBeProblem('not_found');
  });

  it('of somebody who has an account takes their password, and keeps their name', async () => {
    const { slug, key } = await world.workspace('Second');
    const ada = await account(world, 'developer', { name: 'Ada' });
    const { body } = await invite(world.as(key), 'admin', ada.email);
    const wrong = await accept(body.token, { password: 'not the password' });
    expect(wrong).toBeProblem('unauthorized');
    await expect(wrong).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_password' });
    const answer = await accept(body.token, {});
    expect(answer.body).toMatchObject({ status: 'signed_in', user: { id: ada.id, name: 'Ada' } });
    const { workspaces } = answer.body as { workspaces: { slug: string; role: string }[] };
    expect(workspaces.map((each) => [each.slug, each.role]).sort()).toEqual(
      [
        ['default', 'developer'],
        [slug, 'admin'],
      ].sort(),
    );
  });

  it('makes no account without a name and a password that nobody guesses first', async () => {
    const { body } = await invite(world.root, 'auditor');
    expect(await accept(body.token, {})).toBeProblem('invalid_request', ['name']);
    expect(await accept(body.token, { name: 'x', password: 'password1234' })).toBeProblem('invalid_request', [
      'password',
    ]);
    expect((await accept(body.token)).status).toBe(200);
  });

  it('is not made for somebody who belongs to the workspace', async () => {
    const { email } = await account(world, 'auditor');
    expect(await invite(world.root, 'admin', email.toUpperCase())).toBeProblem('conflict');
  });

  it('gives nobody more than who made it has: only an owner invites an owner', async () => {
    const admin = await person(world, 'admin');
    for (const by of [admin.by, world.root]) {
      const answer = await invite(by, 'owner');
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, { action: 'member.invite', outcome: 'denied' });
    }
    const owner = await person(world, 'owner');
    const made = await invite(owner.by, 'owner');
    expect(made.status).toBe(201);
    expect(await admin.by.delete(`/v1/members/invitations/${made.body.id}`)).toBeProblem('forbidden');
    expect((await accept(made.body.token)).status).toBe(200);
  });

  it('is no concern of a test key', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const { body } = await invite(world.root, 'auditor');
    expect(await invite(test, 'auditor')).toBeProblem('forbidden');
    expect((await test.get('/v1/members/invitations')).body).toEqual({ data: [], next_cursor: null });
    expect((await test.get('/v1/members')).body).toEqual({ data: [], next_cursor: null });
    expect(await test.delete(`/v1/members/invitations/${body.id}`)).toBeProblem('not_found');
  });
});
