import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World } from '../support/world.js';

describe('tokens of one environment, to the other', () => {
  let world: World;
  let live: Caller;
  let test: Caller;

  beforeAll(async () => {
    world = await World.start();
    live = world.root;
    test = world.as((await world.apiKey({ environment: 'test' })).key);
  });
  afterAll(() => world.close());

  it('come from their credential, and say so in their value', async () => {
    expect(await world.token({}, live)).toMatchObject({
      environment: 'live',
      token: expect.stringMatching(/^tkn_live_/),
    });
    const parent = await world.token({ scopes: ['tokens:write', 'a:b'] }, test);
    expect(parent).toMatchObject({ environment: 'test', token: expect.stringMatching(/^tkn_test_/) });
    const child = await world.token({ scopes: ['a:b'], prefix: 'acme' }, world.as(parent.token));
    expect(child).toMatchObject({ environment: 'test', token: expect.stringMatching(/^acme_test_/) });
  });

  it('are not there: not listed, read, changed, revoked or verified', async () => {
    for (const [mine, theirs] of [
      [live, test],
      [test, live],
    ] as const) {
      const { id, token, ...before } = await world.token({ name: 'only here', subject: 'only here' }, mine);
      expect((await theirs.get(`/v1/tokens?subject=only%20here&status=active`)).text).not.toContain(id);
      expect(await theirs.get(`/v1/tokens/${id}`)).toBeProblem('not_found');
      expect(await theirs.patch(`/v1/tokens/${id}`, { enabled: false })).toBeProblem('not_found');
      expect(await theirs.post(`/v1/tokens/${id}/revoke`)).toBeProblem('not_found');
      expect(await theirs.delete(`/v1/tokens/${id}`)).toBeProblem('not_found');
      expect(await world.verify(token, {}, theirs)).toEqual({
        valid: false,
        code: 'not_found',
        event_id: expect.any(String),
      });
      expect((await mine.get(`/v1/tokens/${id}`)).body).toMatchObject(before);
      expect(await world.verify(token, {}, mine)).toMatchObject({
        valid: true,
        environment: mine === live ? 'live' : 'test',
      });
    }
  });

  it('leave their scopes and their events on their side', async () => {
    const { id } = await world.token({ scopes: ['only.test:read'] }, test);
    expect((await test.get('/v1/scopes')).text).toContain('only.test:read');
    expect((await live.get('/v1/scopes')).text).not.toContain('only.test:read');
    expect(await world.events(`target_id=${id}`, test)).toMatchObject([
      { action: 'token.issue', environment: 'test' },
    ]);
    expect(await world.events(`target_id=${id}`, live)).toEqual([]);
  });
});
