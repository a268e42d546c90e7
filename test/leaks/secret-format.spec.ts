import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { base62, crc32, mistyped, unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

interface Format {
  regular_expression: string;
  prefixes: { type: string; prefix: string; regular_expression: string; sample: string }[];
  checksum: { algorithm: string; over: string; length: number; alphabet: string; padding: string };
}

/** The rule as the answer words it, followed by somebody who knows nothing else. */
function holds(secret: string, { checksum }: Format): boolean {
  const { length, alphabet, padding } = checksum;
  let number = crc32(secret.slice(0, -length));
  let digits = '';
  for (; number > 0; number = Math.floor(number / alphabet.length))
    digits = alphabet[number % alphabet.length]! + digits;
  return digits.padStart(length, padding) === secret.slice(-length);
}

describe('the form of secrets', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const formatFor = async (by: Caller = world.root): Promise<Format> => {
    const answer = await by.get<Format>('/v1/secret-format');
    expect(answer.status).toBe(200);
    await expect(answer).toHaveAudited(world, { action: 'secret.describe', outcome: 'success' });
    return answer.body;
  };
  const found = (text: string, { regular_expression }: Format): string[] =>
    text.match(new RegExp(regular_expression, 'g')) ?? [];

  it('matches every secret that was issued, wherever it stands, and its checksum follows the rule', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const live = [
      world.rootKey,
      (await world.apiKey()).key,
      ...(await Promise.all(
        ['acme', 'a1', 'abcdefgh12345678', undefined].map(
          async (prefix) => (await world.token({ prefix })).token,
        ),
      )),
    ];
    const format = await formatFor();
    for (const secret of live) {
      expect(found(`key="${secret}", and ${secret}\n`, format)).toEqual([secret, secret]);
      expect(holds(secret, format)).toBe(true);
      const prefix = format.prefixes.find((each) => secret.startsWith(`${each.prefix}_`));
      expect(secret).toMatch(new RegExp(`^${prefix!.regular_expression}$`));
    }
    const { token } = await world.token({ prefix: 'trial' }, test);
    expect(found(token, format)).toEqual([]);
    expect(found(token, await formatFor(test))).toEqual([token]);
  });

  it('has the workspace’s own prefix from the moment it is the default, before anything is issued', async () => {
    const by = world.as((await world.workspace('Own')).key);
    await by.patch('/v1/workspace', { default_prefix: 'zeta' });
    const format = await formatFor(by);
    expect(format.prefixes.map(({ prefix }) => prefix)).toEqual(['tok', 'tkn', 'zeta']);
    const { token } = await world.token({}, by);
    expect(token).toMatch(/^zeta_live_/);
    expect(found(token, format)).toEqual([token]);
    await by.patch('/v1/workspace', { default_prefix: null });
    expect(found(token, await formatFor(by))).toEqual([token]);
  });

  it('matches nothing else, and tells what merely looks like a secret', async () => {
    const format = await formatFor();
    const secret = unissued('tkn');
    const { id } = await world.token();
    for (const text of [
      id,
      unissued('other'),
      secret.slice(0, -1),
      `${secret}x`,
      secret.replace('_live_', '_prod_'),
    ]) {
      expect(found(text, format)).toEqual([]);
    }
    expect(found(mistyped(secret), format)).toHaveLength(1);
    expect(holds(mistyped(secret), format)).toBe(false);
  });

  it('names the prefixes of the caller’s workspace only, its kinds first', async () => {
    const { key } = await world.workspace('Plain');
    const { prefixes } = await formatFor(world.as(key));
    expect(prefixes.map(({ type, prefix }) => [type, prefix])).toEqual([
      ['api_key', 'tok'],
      ['token', 'tkn'],
    ]);
  });

  it('has a sample of each that is well-formed and opens nothing', async () => {
    const format = await formatFor();
    expect(format.prefixes.length).toBeGreaterThan(3);
    for (const { sample } of format.prefixes) {
      expect(found(sample, format)).toEqual([sample]);
      expect(sample.slice(-6)).toBe(base62(crc32(sample.slice(0, -6))));
      expect(await world.as(sample).get('/v1/me')).toBeProblem('unauthorized');
    }
  });

  it('is for everybody with a credential, and for nobody else', async () => {
    const { token } = await world.token();
    expect((await formatFor(world.as(token))).checksum.algorithm).toBe('CRC-32/ISO-HDLC');
    expect(await world.anonymous().get('/v1/secret-format')).toBeProblem('unauthorized');
  });
});
