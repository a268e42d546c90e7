import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TokenCredential } from '../../src/credentials/credential-facts.js';
import type { Principal } from '../../src/credentials/principal.js';
import type { TokenFacts } from '../../src/credentials/token-facts.js';
import { effectiveScopes } from '../../src/scopes/covers.js';
import { inherited, overreach, type Grant } from '../../src/tokens/authority.js';
import { verdict } from '../../src/verification/verdict.js';
import { modelRuns } from '../support/model-runs.js';

/** What can be had at all, in each direction: a few scopes and patterns, moments, and ranges in an eighth of a byte. */
const SCOPES = ['a:x', 'a:x:y', 'a:z', 'b:x'];
const PATTERNS: Record<string, (scope: string) => boolean> = {
  'a:*': (scope) => scope.startsWith('a:'),
  'a:x:*': (scope) => scope.startsWith('a:x:'),
  'b:*': (scope) => scope.startsWith('b:'),
};
const MOMENTS = [0, 1, 2, 3, 4];
const ADDRESSES = Array.from({ length: 8 }, (_, at) => `10.0.0.${String(at)}`);
const RANGES = [3, 2, 1, 0].flatMap((bits) =>
  Array.from({ length: 8 >> bits }, (_, at) => ({
    text: `10.0.0.${String(at << bits)}/${String(32 - bits)}`,
    holds: ADDRESSES.slice(at << bits, (at + 1) << bits),
  })),
);

/** What a token was given itself. */
type Given = Required<{ [Key in keyof Grant]: Exclude<Grant[Key], undefined> }>;

const given: fc.Arbitrary<Given> = fc.record({
  scopes: fc.subarray([...SCOPES, ...Object.keys(PATTERNS)], { minLength: 1 }),
  expiresAt: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 3 }),
  allowedIps: fc.option(
    fc.subarray(
      RANGES.map(({ text }) => text),
      { minLength: 1, maxLength: 4 },
    ),
    { freq: 2 },
  ),
});
const chain = fc.array(given, { minLength: 1, maxLength: 3 });

/** The same as sets of points, so that "no more than" is "a subset of". */
const scopesOf = ({ scopes }: Given) =>
  SCOPES.filter((scope) => scopes.some((held) => held === scope || PATTERNS[held]?.(scope) === true));
const momentsOf = ({ expiresAt }: Given) => MOMENTS.filter((at) => expiresAt === null || at < expiresAt);
const addressesOf = ({ allowedIps }: Given) =>
  allowedIps === null
    ? [...ADDRESSES, 'elsewhere']
    : RANGES.filter(({ text }) => allowedIps.includes(text)).flatMap(({ holds }) => holds);
const within = (inner: readonly unknown[], outer: readonly unknown[]) =>
  inner.every((each) => outer.includes(each));
const isNoMore = (one: Given, other: Given) =>
  within(scopesOf(one), scopesOf(other)) &&
  within(momentsOf(one), momentsOf(other)) &&
  (one.expiresAt !== null || other.expiresAt === null) &&
  within(addressesOf(one), addressesOf(other));

function factsOf(token: Given): TokenFacts {
  return { ...token, revokedAt: null, enabled: true, notBefore: null, limits: null };
}

/** The caller whose own gift comes first, then its ancestors'. */
function callerOf(gifts: readonly Given[]): Principal {
  const facts = gifts.map(factsOf);
  return {
    type: 'token',
    scopes: effectiveScopes(gifts.map(({ scopes }) => scopes)),
    credential: { kind: 'token', chain: facts } as unknown as TokenCredential,
  } as Principal;
}

const mayGive = (gifts: readonly Given[], gift: Given) => overreach(callerOf(gifts), gift) === null;
const runs = { numRuns: modelRuns(3_000) };

describe('what tokens have is a lattice, and nobody gives what lies above them:', () => {
  it('what is given is no more than the giver and each of its ancestors has', () => {
    let given_ = 0;
    fc.assert(
      fc.property(chain, given, (gifts, gift) => {
        if (!mayGive(gifts, gift)) return;
        given_ += 1;
        for (const each of gifts) expect(isNoMore(gift, each)).toBe(true);
      }),
      runs,
    );
    expect(given_).toBeGreaterThan(20);
  });

  it('what is no more in each word, each scope, each range and the end, may be given', () => {
    const narrower = fc.tuple(chain, fc.nat(), fc.nat(), fc.nat(5)).map(([gifts, scope, range, end]) => {
      const held = effectiveScopes(gifts.map(({ scopes }) => scopes));
      const { expiresAt, allowedIps } = inherited(callerOf(gifts));
      return {
        gifts,
        gift: {
          scopes: held.slice(0, 1 + (scope % (held.length || 1))),
          expiresAt: expiresAt === null ? end || null : Math.min(expiresAt, end || expiresAt),
          allowedIps:
            allowedIps === null ? null : allowedIps.slice(0, 1 + (range % (allowedIps.length || 1))),
        },
      };
    });
    fc.assert(
      fc.property(narrower, ({ gifts, gift }) => {
        expect(mayGive(gifts, gift)).toBe(true);
      }),
      runs,
    );
  });

  it('all that a token has it may pass on, and what is left out is inherited as that', () => {
    fc.assert(
      fc.property(chain, (gifts) => {
        const { expiresAt, allowedIps } = inherited(callerOf(gifts));
        const all: Given = {
          scopes: effectiveScopes(gifts.map(({ scopes }) => scopes)),
          expiresAt,
          allowedIps,
        };
        expect(mayGive(gifts, all)).toBe(true);
        const common = (of: (each: Given) => readonly unknown[]) =>
          gifts.map(of).reduce((one, other) => one.filter((each) => other.includes(each)));
        expect(new Set(scopesOf(all))).toEqual(new Set(common(scopesOf)));
        expect(new Set(addressesOf(all))).toEqual(new Set(common(addressesOf)));
        expect(momentsOf(all)).toEqual(common(momentsOf));
      }),
      runs,
    );
  });

  it('who was given something gives nothing that its giver could not', () => {
    fc.assert(
      fc.property(chain, given, given, (gifts, gift, further) => {
        fc.pre(mayGive(gifts, gift));
        if (mayGive([gift, ...gifts], further)) expect(mayGive(gifts, further)).toBe(true);
      }),
      { numRuns: modelRuns(100) },
    );
  });

  it('an ancestor that has less makes nobody below it able to give more', () => {
    fc.assert(
      fc.property(chain, given, given, (gifts, ancestor, gift) => {
        if (mayGive([...gifts, ancestor], gift)) expect(mayGive(gifts, gift)).toBe(true);
      }),
      runs,
    );
  });

  it('a use that a token admits, each of its ancestors admits', () => {
    const use = fc.record({
      scopes: fc.subarray(SCOPES),
      clientIp: fc.constantFrom(null, '192.0.2.1', ...ADDRESSES),
      at: fc.constantFrom(...MOMENTS),
    });
    const codeOf = (
      gifts: readonly Given[],
      { scopes, clientIp, at }: { scopes: string[]; clientIp: string | null; at: number },
    ) => {
      const [own, ...ancestors] = gifts.map(factsOf);
      return verdict([own!, ...ancestors], { scopes, clientIp }, { endedAt: null, validUntil: null }, at)
        .code;
    };
    fc.assert(
      fc.property(chain, use, (gifts, asked) => {
        if (codeOf(gifts, asked) !== 'valid') return;
        for (const each of gifts) expect(codeOf([each], asked)).toBe('valid');
      }),
      runs,
    );
  });
});
