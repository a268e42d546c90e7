import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../support/world.js';

describe('issuing a token is refused', () => {
  let world: World;
  const issue = (body: object) =>
    world.root.post('/v1/tokens', { name: 'Acme', scopes: ['things:read'], ...body });
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const issued = async () => (await world.database.query('select id from tokens')).length;

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it.each<[string, object, string[]]>([
    ['without a name', { name: undefined }, ['name']],
    ['with an empty name', { name: '' }, ['name']],
    ['with a name of 121 characters', { name: 'é'.repeat(121) }, ['name']],
    ['without scopes', { scopes: undefined }, ['scopes']],
    ['with no scope', { scopes: [] }, ['scopes']],
    ['with 65 scopes', { scopes: Array.from({ length: 65 }, (_, n) => `things:n${String(n)}`) }, ['scopes']],
    ['with a scope twice', { scopes: ['a:b', 'c:d', 'a:b'] }, ['scopes[2]']],
    [
      'with scopes that are none',
      { scopes: ['a', 'A:b', 'a:b:c:d:e', 'a:*:b', '*', 'a:b'] },
      [0, 1, 2, 3, 4].map(scopeAt),
    ],
    [
      'with reserved scopes that do not exist',
      { scopes: ['tokens:delete', 'audit:read:*'] },
      [0, 1].map(scopeAt),
    ],
    ['with expires_in of no time', { expires_in: 0 }, ['expires_in']],
    ['with expires_in of half a second', { expires_in: 0.5 }, ['expires_in']],
    ['with expires_in as text', { expires_in: '60' }, ['expires_in']],
    ['with a day for an expiry', { expires_at: '2099-01-01' }, ['expires_at']],
    ['with a day that does not exist', { expires_at: '2099-02-30T00:00:00Z' }, ['expires_at']],
    ['with a subject of 256 characters', { subject: 'x'.repeat(256) }, ['subject']],
    ['with metadata of 4 KiB and a byte', { metadata: { text: 'x'.repeat(4096 - 10) } }, ['metadata']],
    [
      'with metadata of 4 KiB in letters of two bytes',
      { metadata: { text: 'é'.repeat(2048) } },
      ['metadata'],
    ],
    ['with a list for metadata', { metadata: ['pro'] }, ['metadata']],
    ['with text for metadata', { metadata: 'pro' }, ['metadata']],
    ['with no address', { allowed_ips: [] }, ['allowed_ips']],
    [
      'with addresses that are none',
      { allowed_ips: ['10.0.0.0/33', 'example.com', '10.1', '010.0.0.1', '10.0.0.1'] },
      [0, 1, 2, 3].map((n) => `allowed_ips[${String(n)}]`),
    ],
    [
      'with what only Tooken sets',
      { id: 'token_x', status: 'active', parent_id: null, created_by: null },
      ['created_by', 'id', 'parent_id', 'status'],
    ],
    ['with an environment: it comes from the credential', { environment: 'test' }, ['environment']],
  ])('%s', async (_, body, fields) => {
    const before = await issued();
    const answer = await issue(body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, {
      action: 'token.issue',
      outcome: 'failure',
      reason: 'invalid_request',
    });
    expect(await issued()).toBe(before);
  });

  it.each([
    'tok',
    'ws',
    'key',
    'token',
    'evt',
    'usr',
    'req',
    'a',
    'Acme',
    '1ab',
    'a_b',
    'a-b',
    'abcdefghijklmnopq',
    '',
  ])('with the prefix %j', async (prefix) => {
    expect(await issue({ prefix })).toBeProblem('invalid_request', ['prefix']);
  });

  it('with an expiry in the past, this millisecond included', async () => {
    for (const offset of [0, -1, -86_400_000]) {
      expect(await issue({ expires_at: at(offset) })).toBeProblem('invalid_request', ['expires_at']);
    }
  });

  it('with two expiries, be they the same', async () => {
    expect(await issue({ expires_at: at(60_000), expires_in: 60 })).toBeProblem('invalid_request', [
      'expires_at',
    ]);
  });

  it('when it would begin at its end or later', async () => {
    expect(await issue({ not_before: at(1000), expires_in: 1 })).toBeProblem('invalid_request', [
      'not_before',
    ]);
    expect(await issue({ not_before: at(1001), expires_in: 1 })).toBeProblem('invalid_request', [
      'not_before',
    ]);
    expect((await issue({ not_before: at(999), expires_in: 1 })).status).toBe(201);
  });

  it('with every fault named at once', async () => {
    const body = {
      name: 7,
      scopes: ['a:b', 'nope'],
      expires_in: -1,
      metadata: [],
      prefix: 'tok',
      colour: 'red',
    };
    const fields = ['colour', 'expires_in', 'metadata', 'name', 'prefix', 'scopes[1]'];
    expect(await issue(body)).toBeProblem('invalid_request', fields);
  });

  it('with faults only the clock knows beside all others', async () => {
    const body = { name: 7, scopes: [], expires_at: at(0), not_before: at(1000) };
    expect(await issue(body)).toBeProblem('invalid_request', ['expires_at', 'name', 'not_before', 'scopes']);
  });

  it('without a body', async () => {
    expect(await world.root.post('/v1/tokens')).toBeProblem('invalid_request', ['name', 'scopes']);
  });

  describe('where strict_scopes holds', () => {
    beforeAll(async () => {
      await world.root.post('/v1/scopes', { name: 'invoices:read' });
      await world.root.post('/v1/scopes', { name: 'orders:lines:write' });
      await world.root.patch('/v1/workspace', { strict_scopes: true });
    });

    it('with unknown scopes, each naming the nearest known one', async () => {
      const answer = await world.root.post<{ details: { field: string; message: string }[] }>('/v1/tokens', {
        name: 'Acme',
        scopes: ['invoices:read', 'invoice:read', 'orders:lines:wirte', 'payments:refund'],
      });
      expect(answer).toBeProblem('unknown_scope', [1, 2, 3].map(scopeAt));
      const [one, two, three] = answer.body.details.map(({ message }) => message);
      expect(one).toContain('invoices:read');
      expect(two).toContain('orders:lines:write');
      expect(three).not.toContain('did you mean');
      await expect(answer).toHaveAudited(world, {
        action: 'token.issue',
        outcome: 'failure',
        reason: 'unknown_scope',
      });
    });

    it('with what was meant for one of Tooken’s own', async () => {
      const answer = await issue({ scopes: ['token:read'] });
      expect(answer).toBeProblem('unknown_scope', ['scopes[0]']);
      expect(answer.text).toContain('tokens:read');
    });

    it('and registers nothing', async () => {
      await issue({ scopes: ['invoices:read', 'fresh:scope'] });
      const { text } = await world.root.get('/v1/scopes');
      expect(text).not.toContain('fresh:scope');
    });

    it('but not with known scopes, patterns over known ones, and Tooken’s own', async () => {
      const scopes = ['invoices:read', 'invoices:*', 'orders:*', 'orders:lines:*', 'tokens:read', 'audit:*'];
      expect((await issue({ scopes })).status).toBe(201);
      expect(await issue({ scopes: ['invoices:read:*', 'pay:*'] })).toBeProblem(
        'unknown_scope',
        [0, 1].map(scopeAt),
      );
    });

    it('also when a change would add one', async () => {
      const { id } = await world.token({ scopes: ['invoices:read'] });
      const answer = await world.root.patch(`/v1/tokens/${id}`, { scopes: ['invoices:reed'] });
      expect(answer).toBeProblem('unknown_scope', ['scopes[0]']);
      expect((await world.root.get(`/v1/tokens/${id}`)).body.scopes).toEqual(['invoices:read']);
    });
  });
});

function scopeAt(index: number): string {
  return `scopes[${String(index)}]`;
}
