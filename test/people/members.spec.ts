import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { account, person, type Role } from '../support/people.js';
import { World } from '../support/world.js';

describe('the people of a workspace', () => {
  let world: World;
  let slug: string;
  let key: Caller;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(async () => {
    world.clock.advance(60_000);
    const workspace = await world.workspace('Example');
    ({ slug } = workspace);
    key = world.as(workspace.key);
  });
  afterAll(() => world.close());

  const rolesIn = async () =>
    (await key.get<{ data: { id: string; role: Role }[] }>('/v1/members')).body.data.map(({ role }) => role);

  it('are listed with their roles, page by page, and no others', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) await account(world, 'auditor', { slug, name });
    await account(world, 'owner');
    const first = await key.get<{ data: { name: string }[]; next_cursor: string }>('/v1/members?limit=2');
    const second = await key.get<{ data: { name: string }[]; next_cursor: null }>(
      `/v1/members?limit=2&cursor=${first.body.next_cursor}`,
    );
    expect([...first.body.data, ...second.body.data].map(({ name }) => name)).toEqual([
      'three',
      'two',
      'one',
    ]);
    expect(second.body.next_cursor).toBeNull();
    await expect(first).toHaveAudited(world, { action: 'member.list', outcome: 'success' });
  });

  it('change roles and are removed, which the log tells', async () => {
    const { by } = await person(world, 'owner', { slug });
    const { id } = await account(world, 'developer', { slug });
    const changed = await by.patch(`/v1/members/${id}`, { role: 'admin' });
    expect(changed.body).toMatchObject({ id, role: 'admin' });
    await expect(changed).toHaveAudited(world, {
      action: 'member.update',
      outcome: 'success',
      target_id: id,
    });
    expect((await world.events(`request_id=${changed.requestId}`, key))[0]?.changes).toEqual([
      { field: 'role', from: 'developer', to: 'admin' },
    ]);
    const removed = await by.delete(`/v1/members/${id}`);
    expect(removed.status).toBe(204);
    await expect(removed).toHaveAudited(world, {
      action: 'member.remove',
      outcome: 'success',
      target_id: id,
    });
    expect(await by.delete(`/v1/members/${id}`)).toBeProblem('not_found');
  });

  it('keep an owner: the last one can neither go nor become something else', async () => {
    const { id, by } = await person(world, 'owner', { slug });
    await account(world, 'admin', { slug });
    for (const answer of [
      await by.delete(`/v1/members/${id}`),
      await by.patch(`/v1/members/${id}`, { role: 'admin' }),
    ]) {
      expect(answer).toBeProblem('conflict');
      await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'conflict', target_id: id });
    }
    expect((await rolesIn()).sort()).toEqual(['admin', 'owner']);
  });

  it('keep an owner also when the last two go at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const both = [await person(world, 'owner', { slug }), await person(world, 'owner', { slug })] as const;
      const answers = await Promise.all([
        both[0].by.delete(`/v1/members/${both[0].id}`),
        both[1].by.patch(`/v1/members/${both[1].id}`, { role: 'auditor' }),
      ]);
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect((await rolesIn()).filter((role) => role === 'owner')).toHaveLength(1);
      // For the next round there is one owner too many; the one that is left goes with its workspace.
      ({ slug, key } = await next());
    }
  });
  async function next() {
    const workspace = await world.workspace('Next');
    return { slug: workspace.slug, key: world.as(workspace.key) };
  }

  it('are decided about by owners, where it is about owners; an API key ranks as an admin', async () => {
    const owner = await person(world, 'owner', { slug });
    const admin = await person(world, 'admin', { slug });
    const { id: developer } = await account(world, 'developer', { slug });
    for (const by of [admin.by, key]) {
      expect(await by.patch(`/v1/members/${developer}`, { role: 'owner' })).toBeProblem('forbidden');
      expect(await by.patch(`/v1/members/${owner.id}`, { role: 'auditor' })).toBeProblem('forbidden');
      expect(await by.delete(`/v1/members/${owner.id}`)).toBeProblem('forbidden');
      expect((await by.patch(`/v1/members/${developer}`, { role: 'admin' })).status).toBe(200);
    }
    expect(await admin.by.patch(`/v1/members/${admin.id}`, { role: 'owner' })).toBeProblem('forbidden');
    expect((await owner.by.patch(`/v1/members/${admin.id}`, { role: 'owner' })).status).toBe(200);
    expect((await owner.by.delete(`/v1/members/${owner.id}`)).status).toBe(204);
    expect(await owner.by.get('/v1/me')).toBeProblem('unauthorized');
  });
});

describe('a person of several workspaces', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('goes from one to the other, with the role of each, and begins where they were last', async () => {
    const { body: made } = await (await person(world, 'owner')).by.get('/v1/session');
    expect(made).toMatchObject({ environment: 'live' });
    const { id: second, slug } = await world.workspace('Second');
    const { id, by } = await person(world, 'owner');
    const [row] = await world.database.query<{ id: string }>('select id from workspaces where slug = $1', [
      slug,
    ]);
    await world.database.query(
      `insert into memberships (workspace_id, user_id, role, created_at) values ($1, $2, 'auditor', now())`,
      [row!.id, id],
    );
    const there = by.with({ 'x-tooken-workspace': second });
    expect((await by.get('/v1/session')).body).toMatchObject({
      role: 'owner',
      workspace: { slug: 'default' },
    });
    const answer = await there.get('/v1/session');
    expect(answer.body).toMatchObject({ role: 'auditor', workspace: { id: second } });
    await expect(answer).toHaveAudited(world, { action: 'session.read', workspace_id: second });
    expect(await there.post('/v1/scopes', { name: 'a:b' })).toBeProblem('forbidden');
    // From now on without being told.
    expect((await by.get('/v1/me')).body).toMatchObject({ workspace: { id: second } });
  });

  it('sees nothing of one that they do not belong to, nor whether it exists', async () => {
    const { id } = await world.workspace('Stranger');
    const { by } = await person(world, 'owner');
    const theirs = await by.with({ 'x-tooken-workspace': id }).get('/v1/tokens');
    const none = await by.with({ 'x-tooken-workspace': 'ws_00000000000000000000000000' }).get('/v1/tokens');
    expect(theirs).toBeProblem('not_found');
    expect(theirs.text.replace(theirs.requestId, '')).toBe(none.text.replace(none.requestId, ''));
    for (const answer of [theirs, none]) {
      await expect(answer).toHaveAudited(world, {
        action: 'token.list',
        outcome: 'denied',
        reason: 'not_found',
      });
    }
  });

  it('acts in the environment they name, which keeps the other apart', async () => {
    const { by } = await person(world, 'developer');
    const test = by.with({ 'x-tooken-environment': 'test' });
    const { body } = await test.post('/v1/tokens', { name: 'a test', scopes: ['a:b'] });
    expect(body).toMatchObject({ environment: 'test' });
    expect((await by.get(`/v1/tokens/${String(body.id)}`)).status).toBe(404);
    expect((await test.get(`/v1/tokens/${String(body.id)}`)).status).toBe(200);
  });

  it('is told what is wrong with either header', async () => {
    const { by } = await person(world, 'developer');
    const answer = await by
      .with({ 'x-tooken-workspace': 'default', 'x-tooken-environment': 'prod' })
      .get('/v1/tokens');
    expect(answer).toBeProblem('invalid_request', ['X-Tooken-Environment', 'X-Tooken-Workspace']);
  });

  it('makes another as an owner of one, owns it, and gets no key with it', async () => {
    const { id, by } = await person(world, 'owner');
    const answer = await by.post<{ id: string; api_key: null }>('/v1/workspaces', { name: 'Mine' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ name: 'Mine', api_key: null });
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.create',
      outcome: 'success',
      actor_id: id,
    });
    const there = by.with({ 'x-tooken-workspace': answer.body.id });
    expect((await there.get('/v1/session')).body).toMatchObject({ role: 'owner' });
    expect((await there.get('/v1/api-keys')).body).toEqual({ data: [], next_cursor: null });
    expect(await (await person(world, 'admin')).by.post('/v1/workspaces', { name: 'x' })).toBeProblem(
      'forbidden',
    );
  });
});
