import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

interface Page {
  data: Json[];
  next_cursor: string | null;
}

describe('listing API keys', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const list = async (query = '', by: Caller = world.root): Promise<Page> => {
    const { status, body } = await by.get<Page>(`/v1/api-keys${query}`);
    expect(status).toBe(200);
    return body;
  };

  it('walks every key exactly once, newest first, while keys are being created', async () => {
    const { key } = await world.workspace('Walked');
    const owner = world.as(key);
    const made = (await list('', owner)).data.map(({ id }) => id);
    for (let i = 0; i < 10; i++) made.unshift((await world.apiKey({ name: `key ${i}` }, owner)).id);

    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { data, next_cursor }: Page = await list(`?limit=3${cursor && `&cursor=${cursor}`}`, owner);
      seen.push(...data.map(({ id }) => id));
      await world.apiKey({ name: 'made meanwhile' }, owner);
      cursor = next_cursor;
    }

    expect(seen).toEqual(made);
  });

  it('ends with next_cursor null, also when the last page is full', async () => {
    const { key } = await world.workspace('Two keys');
    await world.apiKey({}, world.as(key));
    expect((await list('?limit=1', world.as(key))).next_cursor).toEqual(expect.any(String));
    expect((await list('?limit=2', world.as(key))).next_cursor).toBeNull();
  });

  it('shows a key as reading it does, and never its value', async () => {
    const { id, key } = await world.apiKey({ name: 'shown' });
    const { body } = await world.root.get(`/v1/api-keys/${id}`);
    const shown = (await list()).data.find((each) => each.id === id);
    expect(shown).toEqual(body);
    expect(JSON.stringify(shown)).not.toContain(key.slice(9));
  });

  it('shows 25 unless told, and takes 1 to 100', async () => {
    const { key } = await world.workspace('Many keys');
    const owner = world.as(key);
    for (let i = 0; i < 26; i++) await world.apiKey({}, owner);
    expect((await list('', owner)).data).toHaveLength(25);
    expect((await list('?limit=1', owner)).data).toHaveLength(1);
    expect((await list('?limit=100', owner)).data).toHaveLength(27);
  });

  it.each(['0', '101', '-1', '1.5', '01', '1e1', 'ten', '', '5&limit=6'])(
    'refuses limit=%s',
    async (limit) => {
      expect(await world.root.get(`/v1/api-keys?limit=${limit}`)).toBeProblem('invalid_request', ['limit']);
    },
  );

  it('refuses parameters it does not know, beside every other fault', async () => {
    const answer = await world.root.get('/v1/api-keys?offset=10&limit=0&cursor=');
    expect(answer).toBeProblem('invalid_request', ['offset', 'limit', 'cursor']);
  });

  it('refuses a cursor that another list, workspace or environment was given', async () => {
    await world.token();
    await world.token();
    await world.apiKey();
    const { body } = await world.root.get<Page>('/v1/tokens?limit=1');
    const own = (await list('?limit=1')).next_cursor ?? '';
    const test = await world.apiKey({ environment: 'test' });
    const stranger = await world.workspace('Stranger');

    expect((await list(`?limit=2&cursor=${own}`)).data).toHaveLength(2);
    for (const [by, cursor] of [
      [world.root, body.next_cursor],
      [world.as(test.key), own],
      [world.as(stranger.key), own],
      [world.root, `${own}A`],
      [world.root, 'key_01k2qj6m4xf3v9n0e7w8r5t2ya'],
    ] as const) {
      expect(await by.get(`/v1/api-keys?cursor=${String(cursor)}`)).toBeProblem('invalid_request', [
        'cursor',
      ]);
    }
  });

  it('shows no key of another workspace, nor one that is deleted', async () => {
    const stranger = await world.workspace('Another');
    const foreign = await world.apiKey({}, world.as(stranger.key));
    const gone = await world.apiKey();
    await world.root.delete(`/v1/api-keys/${gone.id}`);

    const ids = (await list('?limit=100')).data.map(({ id }) => id);
    expect(ids).not.toContain(foreign.id);
    expect(ids).not.toContain(gone.id);
  });
});
