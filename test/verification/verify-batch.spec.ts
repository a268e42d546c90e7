import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

interface Batch {
  results: { valid: boolean; code: string; token_id?: string; event_id: string }[];
}

describe('verifying a batch', () => {
  let world: World;
  const verify = (items: unknown) => world.root.post<Batch>('/v1/tokens/verify-batch', { items });

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('answers each item as it would alone, in the order asked', async () => {
    const one = await world.token({ scopes: ['a:b'], subject: 'one' });
    const two = await world.token({ scopes: ['c:d'], allowed_ips: ['10.0.0.0/8'] });
    const items = [
      { token: two.token, client_ip: '10.0.0.1' },
      { token: 'nonsense' },
      { token: one.token, scopes: ['a:b'] },
      { token: one.token, scopes: ['c:d'] },
      { token: unissued('tkn') },
      { token: two.token },
      { token: one.token, scopes: ['a:b'] },
    ];
    const { status, body } = await verify(items);
    expect(status).toBe(200);
    expect(body.results.map(({ code }) => code)).toEqual([
      ...['valid', 'malformed', 'valid', 'insufficient_scope', 'not_found', 'ip_not_allowed', 'valid'],
    ]);
    const event_id = expect.any(String);
    for (const [index, { token, ...ask }] of items.entries()) {
      expect(body.results[index]).toEqual({ ...(await world.verify(token, ask)), event_id });
    }
  });

  it('leaves one event an item, which the item’s answer names', async () => {
    const { id, token } = await world.token();
    const answer = await verify([
      { token, operation: 'first' },
      { token: unissued('tkn'), operation: 'second' },
    ]);
    const events = await Promise.all(
      answer.body.results.map(({ event_id }) => world.root.get(`/v1/audit-events/${event_id}`)),
    );
    const request = { id: answer.requestId, route: '/v1/tokens/verify-batch', status: 200 };
    expect(events.map(({ body }) => body)).toMatchObject([
      {
        action: 'token.verify',
        outcome: 'success',
        target: { id },
        details: { operation: 'first' },
        request,
      },
      {
        action: 'token.verify',
        outcome: 'denied',
        reason: 'not_found',
        target: null,
        details: { operation: 'second' },
        request,
      },
    ]);
    expect(await world.eventsOf(answer.requestId)).toHaveLength(2);
  });

  it('of 100 items leaves 100 events, each its own, also while others verify', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => world.token()));
    const items = Array.from({ length: 100 }, (_, n) => ({ token: tokens[n % 10]!.token }));
    const answers = await Promise.all([
      verify(items),
      verify(items),
      world.root.get('/v1/me'),
      verify(items),
    ]);
    for (const answer of [answers[0], answers[1], answers[3]]) {
      expect(answer.body.results.map(({ token_id }) => token_id)).toEqual(
        items.map((_, n) => tokens[n % 10]!.id),
      );
      const events = await world.eventsOf(answer.requestId);
      expect(events.reduce((sum, { count }) => sum + (count as number), 0)).toBe(100);
      expect(events.map(({ id }) => id).sort()).toEqual(
        answer.body.results.map(({ event_id }) => event_id).sort(),
      );
      expect(new Set(events.map(({ id }) => id)).size).toBe(100);
    }
  });

  it.each<[string, unknown, string[]]>([
    ['101 items', Array.from({ length: 101 }, () => ({ token: 'x' })), ['items']],
    ['no item', [], ['items']],
    ['what is no list', { token: 'x' }, ['items']],
    ['nothing', undefined, ['items']],
    [
      'faulty items, each with its path',
      [{ token: 'x' }, { client_ip: 'no' }, 7],
      ['items[1].client_ip', 'items[1].token', 'items[2]'],
    ],
  ])('refuses %s as a whole, in one event', async (_, items, fields) => {
    const answer = await verify(items);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, {
      action: 'token.verify',
      outcome: 'failure',
      reason: 'invalid_request',
    });
  });
});
