import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World } from '../support/world.js';

interface Scope {
  name: string;
  description: string | null;
  created_at: string;
}
interface Page {
  data: Scope[];
  next_cursor: string | null;
}

describe('the workspace’s own scopes', () => {
  let world: World;
  const create = (body: unknown, by: Caller = world.root) => by.post<Scope>('/v1/scopes', body);
  const names = async (by: Caller) =>
    (await by.get<Page>('/v1/scopes?limit=100')).body.data.map(({ name }) => name);
  /** A workspace of one test's own. */
  const elsewhere = async () => world.as((await world.workspace('elsewhere')).key);

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  describe('creating one', () => {
    it('answers with it, lists it and leaves its event', async () => {
      const answer = await create({ name: 'invoices:read', description: 'Read\ninvoices' });
      const scope = {
        name: 'invoices:read',
        description: 'Read\ninvoices',
        created_at: new Date(world.clock.now()).toISOString(),
      };
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual(scope);
      expect((await world.root.get<Page>('/v1/scopes')).body.data).toContainEqual(scope);
      await expect(answer).toHaveAudited(world, {
        action: 'scope.create',
        outcome: 'success',
        target_id: scope.name,
      });
    });

    it('needs no description', async () => {
      expect((await create({ name: 'plain:one' })).body.description).toBeNull();
      expect((await create({ name: 'plain:two', description: null })).body.description).toBeNull();
    });

    it.each([
      'a:b',
      'a.b-c_d:0',
      'one:two:three:four',
      `${'x'.repeat(126)}:y`,
      '-:-',
      'token:read',
      'tokens.x:read',
    ])('takes %s', async (name) => {
      expect((await create({ name })).status).toBe(201);
    });

    it.each([
      ['', 'empty'],
      ['invoices', 'one segment'],
      ['a:b:c:d:e', 'five segments'],
      ['a::b', 'an empty segment'],
      [':b', 'an empty first segment'],
      ['a:', 'an empty last segment'],
      ['A:b', 'a capital'],
      ['ä:b', 'another letter'],
      ['a b:c', 'a blank'],
      ['a:b ', 'a blank at the end'],
      ['a:b\n', 'a line break'],
      ['a/b:c', 'a slash'],
      [`${'x'.repeat(127)}:y`, '129 characters'],
      ['a:*', 'a pattern'],
      ['a:b:*', 'a longer pattern'],
      ['*', 'a star'],
      ['*:a', 'a star in front'],
      ['a:*:b', 'a star in the middle'],
      ['a:b*', 'a star within a segment'],
      ['tokens:read', 'one of Tooken’s own'],
      ['tokens:fly', 'a reserved one that does not exist'],
      ['audit:*', 'a reserved pattern'],
      ['scopes:a:b', 'a longer reserved one'],
    ])('refuses %j: %s', async (name) => {
      const answer = await create({ name });
      expect(answer).toBeProblem('invalid_request', ['name']);
      await expect(answer).toHaveAudited(world, {
        action: 'scope.create',
        outcome: 'failure',
        reason: 'invalid_request',
      });
    });

    it('refuses what is no body of this call, every fault at once', async () => {
      expect(await create({ description: 'x'.repeat(501), created_at: null, colour: 'red' })).toBeProblem(
        'invalid_request',
        ['colour', 'created_at', 'description', 'name'],
      );
    });

    it('conflicts with one that is there, and leaves that as it is', async () => {
      await create({ name: 'twice:read', description: 'first' });
      const again = await create({ name: 'twice:read', description: 'second' });
      expect(again).toBeProblem('conflict');
      await expect(again).toHaveAudited(world, {
        action: 'scope.create',
        outcome: 'failure',
        reason: 'conflict',
      });
      expect((await world.root.get('/v1/scopes?limit=100')).text).not.toContain('second');
    });

    it('of many at the same time lets one through', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => create({ name: 'race:read' })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    });

    it('conflicts with one that a token brought along', async () => {
      await world.token({ scopes: ['brought:along'] });
      expect(await create({ name: 'brought:along' })).toBeProblem('conflict');
    });
  });

  describe('the list', () => {
    it('is by name, and page by page shows each exactly once', async () => {
      const by = await elsewhere();
      for (const name of ['b:b', 'a:c', 'a-b:c', 'a:b:c', 'c:a', 'a:b']) await create({ name }, by);
      const seen: string[] = [];
      let query = 'limit=2';
      for (let cursor: string | null = ''; cursor !== null; query = `limit=2&cursor=${String(cursor)}`) {
        const { body } = await by.get<Page>(`/v1/scopes?${query}`);
        seen.push(...body.data.map(({ name }) => name));
        cursor = body.next_cursor;
      }
      expect(seen).toEqual(['a-b:c', 'a:b', 'a:b:c', 'a:c', 'b:b', 'c:a']);
    });

    it('is one event', async () => {
      await expect(await world.root.get('/v1/scopes')).toHaveAudited(world, {
        action: 'scope.list',
        outcome: 'success',
      });
    });

    it.each(['limit=0', 'limit=101', 'cursor=nonsense', 'q=a'])('refuses ?%s', async (query) => {
      expect(await world.root.get(`/v1/scopes?${query}`)).toBeProblem('invalid_request', [
        query.replace(/=.*/, ''),
      ]);
    });

    it('takes no cursor of another workspace', async () => {
      const [by, other] = [await elsewhere(), await elsewhere()];
      for (const name of ['a:a', 'b:b']) await create({ name }, by);
      const { next_cursor } = (await by.get<Page>('/v1/scopes?limit=1')).body;
      const answer = await other.get(`/v1/scopes?limit=1&cursor=${String(next_cursor)}`);
      expect(answer).toBeProblem('invalid_request', ['cursor']);
    });
  });

  describe('describing one', () => {
    it('answers with it and tells the change', async () => {
      await create({ name: 'to:describe', description: 'before' });
      const answer = await world.root.patch<Scope>('/v1/scopes/to:describe', { description: 'after' });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ name: 'to:describe', description: 'after' });
      await expect(answer).toHaveAudited(world, {
        action: 'scope.update',
        outcome: 'success',
        target_id: 'to:describe',
      });
      const [event] = await world.events(`request_id=${answer.requestId}`);
      expect(event?.changes).toEqual([{ field: 'description', from: 'before', to: 'after' }]);
    });

    it('clears the description with null and keeps it when left out', async () => {
      await create({ name: 'to:clear', description: 'before' });
      expect((await world.root.patch('/v1/scopes/to:clear', {})).body.description).toBe('before');
      expect(
        (await world.root.patch('/v1/scopes/to:clear', { description: null })).body.description,
      ).toBeNull();
    });

    it('cannot rename it: tokens carry the name', async () => {
      await create({ name: 'to:rename' });
      expect(await world.root.patch('/v1/scopes/to:rename', { name: 're:named' })).toBeProblem(
        'invalid_request',
        ['name'],
      );
    });
  });

  describe('deleting one', () => {
    it('takes it out of the catalogue, for good', async () => {
      await create({ name: 'to:delete' });
      const answer = await world.root.delete('/v1/scopes/to:delete');
      expect(answer.status).toBe(204);
      await expect(answer).toHaveAudited(world, {
        action: 'scope.delete',
        outcome: 'success',
        target_id: 'to:delete',
      });
      expect(await names(world.root)).not.toContain('to:delete');
      expect(await world.root.delete('/v1/scopes/to:delete')).toBeProblem('not_found');
    });

    it('takes nothing from the tokens that carry it', async () => {
      const { token } = await world.token({ scopes: ['kept:read'] });
      await world.root.delete('/v1/scopes/kept:read');
      expect(await world.verify(token, { scopes: ['kept:read'] })).toMatchObject({ code: 'valid' });
    });
  });

  it.each(['never:there', 'tokens:read', 'never:*', 'nonsense', 'A:b', '%00', 'never%3Athere'])(
    'that is not there (%s) is not found',
    async (name) => {
      expect(await world.root.patch(`/v1/scopes/${name}`, { description: 'x' })).toBeProblem('not_found');
      expect(await world.root.delete(`/v1/scopes/${name}`)).toBeProblem('not_found');
    },
  );

  it('can be named in a path as they are and percent-encoded', async () => {
    for (const path of ['enc:one', 'enc%3Atwo']) {
      await create({ name: decodeURIComponent(path) });
      expect((await world.root.delete(`/v1/scopes/${path}`)).status).toBe(204);
    }
  });

  it('are each workspace’s and environment’s own', async () => {
    const other = await elsewhere();
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    await create({ name: 'mine:read', description: 'mine' });
    for (const by of [other, test]) {
      expect(await names(by)).not.toContain('mine:read');
      expect(await by.patch('/v1/scopes/mine:read', { description: 'theirs' })).toBeProblem('not_found');
      expect(await by.delete('/v1/scopes/mine:read')).toBeProblem('not_found');
      expect((await create({ name: 'mine:read', description: 'theirs' }, by)).status).toBe(201);
      expect((await by.delete('/v1/scopes/mine:read')).status).toBe(204);
    }
    const { data } = (await world.root.get<Page>('/v1/scopes?limit=100')).body;
    expect(data.find(({ name }) => name === 'mine:read')?.description).toBe('mine');
  });

  it('can be kept by a token with scopes:write', async () => {
    const by = world.as((await world.token({ scopes: ['scopes:write', 'scopes:read'] })).token);
    expect((await create({ name: 'by.token:read' }, by)).status).toBe(201);
    expect((await by.patch('/v1/scopes/by.token:read', { description: 'd' })).status).toBe(200);
    expect(await names(by)).toContain('by.token:read');
    expect((await by.delete('/v1/scopes/by.token:read')).status).toBe(204);
  });
});
