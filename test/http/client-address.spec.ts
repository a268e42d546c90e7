import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World } from '../support/world.js';

const forwarded = (by: Caller, value: string) => by.with({ 'x-forwarded-for': value }).get('/v1/me');

async function addressOf(world: World, value: string): Promise<unknown> {
  const answer = await forwarded(world.root, value);
  expect(answer.status).toBe(200);
  const [event] = await world.events(`request_id=${answer.requestId}`);
  return event?.request?.ip;
}

describe('the client’s address behind a trusted proxy', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1, 198.51.100.0/24' } });
  });
  afterAll(() => world.close());

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['192.0.2.66, 203.0.113.7', '203.0.113.7'],
    ['192.0.2.66, 203.0.113.7, 198.51.100.9', '203.0.113.7'],
    ['203.0.113.7,', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('is, of X-Forwarded-For: %s, the last that no trusted proxy has: %s', async (header, address) => {
    expect(await addressOf(world, header)).toBe(address);
  });

  it.each(['unknown', '203.0.113.7:4711', '[2001:db8::1]', '1.2.3', '<script>'])(
    'is the proxy’s own when the proxy says %s, which is none',
    async (header) => {
      expect(await addressOf(world, header)).toBe('127.0.0.1');
    },
  );

  it('is what a token’s allowed_ips are held against', async () => {
    const { token } = await world.token({ allowed_ips: ['203.0.113.0/24'] });
    expect((await forwarded(world.as(token), '203.0.113.7')).status).toBe(200);
    const refused = await forwarded(world.as(token), '192.0.2.1');
    expect(refused).toBeProblem('unauthorized');
    await expect(refused).toHaveAudited(world, { outcome: 'denied', reason: 'ip_not_allowed' });
  });
});

describe('the client’s address without a trusted proxy', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '198.51.100.0/24' } });
  });
  afterAll(() => world.close());

  it('is the peer’s, whatever a header claims', async () => {
    expect(await addressOf(world, '203.0.113.7')).toBe('127.0.0.1');
    const { token } = await world.token({ allowed_ips: ['203.0.113.0/24'] });
    expect(await forwarded(world.as(token), '203.0.113.7')).toBeProblem('unauthorized');
  });
});
