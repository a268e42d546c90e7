import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anotherAddress } from '../support/addresses.js';
import type { Answer } from '../support/caller.js';
import { account, cookiesOf, fromDashboard, PASSWORD, signIn } from '../support/people.js';
import { World } from '../support/world.js';

const HOUR = 3600_000;

describe('guessing passwords', () => {
  let world: World;
  let email: string;
  beforeAll(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
    world.clock.hold();
  });
  beforeEach(async () => {
    // Refusals of one minute may fold; here every test has a minute of its own.
    world.clock.advance(60_000);
    ({ email } = await account(world, 'owner'));
  });
  afterAll(() => world.close());

  const from = (address: string, instance = 0) =>
    fromDashboard(world, instance).with({ 'x-forwarded-for': address });
  const guess = (address: string, instance = 0, whose = email) =>
    signIn(from(address, instance), whose, 'a wrong guess');
  /** What became of so many guesses, one after the other. */
  async function guesses(count: number, address: string, whose = email): Promise<number[]> {
    const found = [];
    for (let i = 0; i < count; i++) found.push((await guess(address, i % 2, whose)).status);
    return found;
  }

  it('is slowed down for the account from that address, twice as much each time, on all instances alike', async () => {
    const address = anotherAddress();
    expect(await guesses(6, address)).toEqual([401, 401, 401, 401, 401, 429]);
    const waits = [];
    for (let i = 0; i < 6; i++) {
      const blocked = await signIn(from(address, i % 2), email);
      expect(blocked).toBeProblem('rate_limited');
      const seconds = Number(blocked.headers.get('retry-after'));
      waits.push(seconds);
      world.clock.advance(seconds * 1000 - 1);
      expect((await guess(address, i % 2)).status).toBe(429);
      world.clock.advance(1);
      expect((await guess(address, i % 2)).status).toBe(401);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('is never made to wait for more than a quarter of an hour', async () => {
    const address = anotherAddress();
    await guesses(6, address);
    for (let i = 0; i < 12; i++) {
      world.clock.advance(900_000);
      expect((await guess(address)).status).toBe(401);
    }
    expect(Number((await guess(address)).headers.get('retry-after'))).toBe(900);
  });

  it('gets no more by asking a hundred times at once', async () => {
    const address = anotherAddress();
    const answers = await Promise.all(Array.from({ length: 40 }, (_each, at) => guess(address, at % 2)));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
  });

  it('tells nothing by it: an account that does not exist is slowed down alike', async () => {
    const address = anotherAddress();
    expect(await guesses(6, address, 'nobody@example.com')).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('locks nobody out elsewhere: its owner signs in from another address', async () => {
    for (const address of [anotherAddress(), anotherAddress(), anotherAddress()]) await guesses(6, address);
    expect((await signIn(from(anotherAddress()), email)).status).toBe(200);
  });

  it('locks nobody out of a browser in which they have signed in before, also behind the same address', async () => {
    const address = anotherAddress();
    const { tooken_device: device } = cookiesOf(await signIn(from(address), email));
    const known = from(address).with({ cookie: `tooken_device=${String(device)}` });
    await guesses(8, address);
    expect((await signIn(from(address), email)).status).toBe(429);
    expect((await signIn(known, email)).status).toBe(200);
    // Nor does that give strangers anything.
    expect((await guess(address)).status).toBe(429);
    // And it is slowed down itself.
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await signIn(known, email, 'a wrong guess')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  });

  it('is not helped by the device of somebody else, or a made-up one', async () => {
    const address = anotherAddress();
    const other = await account(world, 'developer');
    const { tooken_device: device } = cookiesOf(await signIn(from(anotherAddress()), other.email));
    await guesses(6, address);
    for (const value of [String(device), 'x'.repeat(43), `${'x'.repeat(43)}.${'x'.repeat(43)}`]) {
      const by = from(address).with({ cookie: `tooken_device=${value}` });
      expect((await signIn(by, email)).status).toBe(429);
    }
  });

  it('of many accounts from one address is slowed down too, whatever of its network it comes from', async () => {
    const network = anotherAddress().replace('::1', '');
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) {
      const address = `${network}::${(i + 1).toString(16)}`;
      statuses.push((await guess(address, 0, `victim-${String(i)}@example.com`)).status);
    }
    // After twenty refusals of one code in a minute the floods' own rule answers 429 as well; both say the same.
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.at(-1)).toBe(429);
    world.clock.advance(24 * HOUR);
    expect((await guess(`${network}::1`)).status).toBe(401);
  });

  it('is forgotten with the right password', async () => {
    const address = anotherAddress();
    expect(await guesses(4, address)).toEqual([401, 401, 401, 401]);
    expect((await signIn(from(address), email, PASSWORD)).status).toBe(200);
    expect(await guesses(4, address)).toEqual([401, 401, 401, 401]);
  });

  it('leaves an event each, with the account it was about', async () => {
    const address = anotherAddress();
    const blocked: Answer[] = [];
    for (let i = 0; i < 7; i++) blocked.push(await guess(address));
    await expect(blocked[6]).toHaveAudited(world, {
      action: 'session.login',
      outcome: 'denied',
      reason: 'rate_limited',
    });
  });

  it('leaves neither addresses nor accounts in the table that counts', async () => {
    await guess(anotherAddress());
    const rows = await world.database.query<{ line: string }>(
      'select a::text as line from sign_in_attempts a',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ line }) => line).join('\n')).not.toMatch(/@|2001:db8/);
  });
});
