import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACCESS_TOKEN, EXCHANGE, postForm } from '../oauth/oauth-client.js';
import { World } from '../support/world.js';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Used {
  last_used_at: string | null;
  last_used_ip: string | null;
}

describe('the last use of a credential', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => world.close());

  const used = async (path: string): Promise<Used> => {
    const { last_used_at, last_used_ip } = (await world.root.get<Used>(path)).body;
    return { last_used_at, last_used_ip };
  };

  it('is known however long ago it was', async () => {
    const key = await world.apiKey();
    const caller = await world.token({ scopes: ['tokens:read'] });
    const presented = await world.token();
    await world.as(key.key).with({ 'x-forwarded-for': '203.0.113.1' }).get('/v1/me');
    await world.as(caller.token).with({ 'x-forwarded-for': '203.0.113.2' }).get('/v1/tokens');
    await world.verify(presented.token, { client_ip: '203.0.113.3' });
    const paths = [`/v1/api-keys/${key.id}`, `/v1/tokens/${caller.id}`, `/v1/tokens/${presented.id}`];
    const before: Used[] = [];
    for (const path of paths) before.push(await used(path));
    expect(before.map(({ last_used_ip }) => last_used_ip)).toEqual([
      '203.0.113.1',
      '203.0.113.2',
      '203.0.113.3',
    ]);

    for (let months = 0; months < 4; months++) {
      world.clock.advance(35 * DAY_MS);
      for (const [at, path] of paths.entries()) expect(await used(path)).toEqual(before[at]);
    }
    const { data } = (await world.root.get<{ data: (Used & { id: string })[] }>('/v1/tokens')).body;
    for (const [at, { id }] of [caller, presented].entries()) {
      expect(data.find((token) => token.id === id)).toMatchObject(before[at + 1]!);
    }
  });

  it('is one wherever it was presented: at introspection and at an exchange, too', async () => {
    const { id, token } = await world.token();
    const root = `Bearer ${world.rootKey}`;
    const asks: [path: string, ask: Record<string, string>][] = [
      ['/oauth/introspect', { token, client_ip: '203.0.113.4' }],
      ['/oauth/token', { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN }],
    ];
    for (const [path, ask] of asks) {
      world.clock.advance(1_000);
      const before = Date.parse((await used(`/v1/tokens/${id}`)).last_used_at ?? '2000-01-01');
      expect((await postForm(world, path, ask, root)).status).toBe(200);
      const { last_used_at: after } = await used(`/v1/tokens/${id}`);
      expect(Date.parse(after ?? '')).toBeGreaterThan(before);
    }
  });

  it('is the later of being a caller and being presented, and no refusal', async () => {
    const { id, token } = await world.token({ scopes: ['tokens:read'] });
    const by = world.as(token).with({ 'x-forwarded-for': '203.0.113.2' });
    await world.verify(token, { client_ip: '203.0.113.1' });
    expect((await used(`/v1/tokens/${id}`)).last_used_ip).toBe('203.0.113.1');
    await by.get('/v1/tokens');
    const asCaller = await used(`/v1/tokens/${id}`);
    expect(asCaller.last_used_ip).toBe('203.0.113.2');
    world.clock.advance(1_000);
    await world.verify(token, { client_ip: '203.0.113.3', scopes: ['more:rights'] });
    await world.root.post(`/v1/tokens/${id}/revoke`);
    await by.get('/v1/tokens');
    await world.verify(token);
    expect(await used(`/v1/tokens/${id}`)).toEqual(asCaller);
  });
});
