import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getRaw } from '../support/raw-request.js';
import { World } from '../support/world.js';

const OURS = /^req_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

describe('headers of every answer', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it.each(['a', 'A-Za-z0-9_-', 'x'.repeat(64), '01k2qj6m4xf3v9n0e7w8r5t2ya'])(
    'keep the caller’s request id %s, in the answer and in the event',
    async (id) => {
      const answer = await world.root.with({ 'x-request-id': id }).get('/v1/me');
      expect(answer.requestId).toBe(id);
      await expect(answer).toHaveAudited(world, { action: 'me.read', outcome: 'success' });
    },
  );

  it.each([
    ['nothing', []],
    ['an empty one', ['X-Request-Id:']],
    ['65 characters', [`X-Request-Id: ${'x'.repeat(65)}`]],
    ['a space within', ['X-Request-Id: a b']],
    ['a full stop', ['X-Request-Id: a.b']],
    ['letters beyond ASCII', ['X-Request-Id: \u00e9']],
    ['two of them', ['X-Request-Id: a', 'X-Request-Id: b']],
  ])('give a new request id for %s', async (_what, lines) => {
    for (const path of ['/v1/me', '/nowhere', '/v1/%zz']) {
      const answer = await getRaw(world.urls[0]!, path, ...lines);
      expect(answer.requestId).toMatch(OURS);
      expect(JSON.parse(answer.text).request_id).toBe(answer.requestId);
    }
  });

  it('never give the same request id twice', async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await world.anonymous().get('/nowhere')).requestId),
    );
    expect(new Set(ids).size).toBe(50);
  });

  it('forbid every cache to keep the answer and every browser to guess its type', async () => {
    const { root } = world;
    const { id } = await world.apiKey();
    for (const { headers } of [
      await root.get('/v1/me'),
      await root.get('/v1/api-keys'),
      await root.post('/v1/api-keys', { name: 'x' }),
      await root.post('/v1/api-keys', {}),
      await root.post('/v1/api-keys', '{'),
      await root.with({ 'content-type': 'text/plain' }).post('/v1/api-keys', 'x'),
      await root.post('/v1/api-keys', 'x'.repeat(64 * 1024 + 1)),
      await root.delete(`/v1/api-keys/${id}`),
      await root.get(`/v1/api-keys/${id}`),
      await root.post('/v1/me', {}),
      await world.anonymous().get('/v1/me'),
      await world.anonymous().get('/nowhere'),
      await world.anonymous().get('/v1/%zz'),
      await world.anonymous().get('/livez'),
    ]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-request-id')).not.toBeNull();
    }
  });
});
