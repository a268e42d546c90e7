import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretHasher } from '../../src/platform/secrets/secret-hasher.js';
import {
  hintOf,
  isTokenPrefix,
  makeSecret,
  MAX_SECRET_LENGTH,
  parseSecret,
} from '../../src/platform/secrets/secret.js';
import { base62, crc32, withChecksum } from '../support/secret-format.js';

const environments = fc.constantFrom('live', 'test');
const prefixes = fc.stringMatching(/^[a-z][a-z0-9]{1,15}$/).filter(isTokenPrefix);
const secrets = fc
  .tuple(fc.constantFrom('api_key', 'token'), environments, fc.option(prefixes))
  .map(([kind, environment, prefix]) => makeSecret(kind, environment, prefix));
const PRINTABLE = Array.from({ length: 95 }, (_each, at) => String.fromCharCode(32 + at));

describe('a secret', () => {
  it('is checked here by an implementation of its own, which knows the published CRC-32 of 123456789', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect([0, 61, 62, 0xffffffff].map(base62)).toEqual(['000000', '00000z', '000010', '4gfFC3']);
  });

  it('always has the format of the contract, and parses to what it was made for', () => {
    fc.assert(
      fc.property(environments, fc.option(prefixes), (environment, prefix) => {
        const key = makeSecret('api_key', environment, prefix);
        expect(key).toMatch(new RegExp(`^tok_${environment}_[0-9A-Za-z]{36}$`));
        expect(parseSecret(key)).toEqual({ value: key, kind: 'api_key', prefix: 'tok', environment });

        const token = makeSecret('token', environment, prefix);
        const head = prefix ?? 'tkn';
        expect(token).toMatch(new RegExp(`^${head}_${environment}_[0-9A-Za-z]{36}$`));
        expect(parseSecret(token)).toEqual({ value: token, kind: 'token', prefix: head, environment });

        for (const secret of [key, token]) expect(withChecksum(secret.slice(0, -6))).toBe(secret);
      }),
    );
  });

  it('is refused with any one character changed', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.nat(),
        fc.constantFrom(...PRINTABLE, '\n', 'é', '\u0000'),
        (secret, place, other) => {
          const at = place % secret.length;
          fc.pre(secret[at] !== other);
          expect(parseSecret(secret.slice(0, at) + other + secret.slice(at + 1))).toBeNull();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is refused with a character more or less, and with two neighbours exchanged', () => {
    fc.assert(
      fc.property(secrets, fc.nat(), fc.constantFrom(...PRINTABLE), (secret, place, more) => {
        const at = place % secret.length;
        const [before, after] = [secret.slice(0, at), secret.slice(at)];
        expect(parseSecret(before + more + after)).toBeNull();
        expect(parseSecret(before + after.slice(1))).toBeNull();
        const exchanged = `${before}${after.charAt(1)}${after.charAt(0)}${after.slice(2)}`;
        if (exchanged !== secret) expect(parseSecret(exchanged)).toBeNull();
      }),
    );
  });

  it('is what parses and nothing else: any text of the form has one checksum', () => {
    fc.assert(
      fc.property(
        prefixes,
        environments,
        fc.stringMatching(/^[0-9A-Za-z]{30}$/),
        (prefix, environment, random) => {
          const body = `${prefix}_${environment}_${random}`;
          expect(parseSecret(withChecksum(body))?.value).toBe(withChecksum(body));
          expect(parseSecret(`${body}${base62((crc32(body) + 1) % 2 ** 32)}`)).toBeNull();
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => parseSecret(text) === null),
    );
  });

  it.each(['ws', 'key', 'token', 'evt', 'usr', 'req', 'ses', 'inv', 'passkey'])(
    'never starts with the prefix %s of a handle',
    (prefix) => {
      expect(isTokenPrefix(prefix)).toBe(false);
      expect(parseSecret(withChecksum(`${prefix}_live_${'x'.repeat(30)}`))).toBeNull();
    },
  );

  it.each(['', 'a', 'a'.repeat(17), '1a', 'A1', 'a_b', 'a-b', 'tok', 'ä', 'ab\n'])(
    'takes no %j for a token’s own prefix',
    (prefix) => expect(isTokenPrefix(prefix)).toBe(false),
  );

  it('is 58 characters at most', () => {
    expect(makeSecret('token', 'test', 'a'.repeat(16))).toHaveLength(58);
    expect(MAX_SECRET_LENGTH).toBe(58);
  });

  it('has no character oftener than chance allows', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      for (const each of makeSecret('token', 'live').slice(9, 39))
        counts.set(each, (counts.get(each) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    const expected = (3000 * 30) / 62;
    const chiSquare = [...counts.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: chance exceeds 150 once in a thousand million times; `byte % 62` gives over 500.
    expect(chiSquare).toBeLessThan(150);
  });

  it('is shown later as prefix, ellipsis and its last four characters', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(hintOf(secret)).toBe(`${secret.slice(0, -36)}…${secret.slice(-4)}`);
      }),
    );
  });
});

describe('what is stored of a secret', () => {
  it('depends on the key and on the value, is the same every time, and is not the value', () => {
    const [one, other] = [new SecretHasher(Buffer.alloc(32, 1)), new SecretHasher(Buffer.alloc(32, 2))];
    fc.assert(
      fc.property(secrets, secrets, (secret, another) => {
        fc.pre(secret !== another);
        expect(one.hash(secret)).toMatch(/^[0-9a-f]{64}$/);
        expect(one.hash(secret)).toBe(new SecretHasher(Buffer.alloc(32, 1)).hash(secret));
        expect(new Set([one.hash(secret), one.hash(another), other.hash(secret)]).size).toBe(3);
      }),
    );
  });
});
