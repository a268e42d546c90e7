import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { covers, effectiveScopes, isSubset, meet, missing, smallest } from '../../src/scopes/covers.js';
import { parseScope } from '../../src/scopes/grammar.js';

type Segments = readonly string[];

/**
 * The model: a set of scopes is the set of concrete scopes it matches, found by trying every one of a small world.
 * Sets are drawn from the segments `a` and `b`; the world also has `z`, so that no list of concrete scopes is
 * ever by accident as much as a pattern.
 */
const grow = (tails: readonly Segments[], alphabet: Segments): Segments[] =>
  tails.flatMap((tail) => alphabet.map((segment) => [...tail, segment]));
const words = (alphabet: Segments, length: number): Segments[] =>
  length === 0 ? [[]] : grow(words(alphabet, length - 1), alphabet);

const WORLD = [2, 3, 4].flatMap((length) => words(['a', 'b', 'z'], length)).map((word) => word.join(':'));
const CONCRETE = [2, 3, 4].flatMap((length) => words(['a', 'b'], length)).map((word) => word.join(':'));
const PATTERNS = [1, 2, 3]
  .flatMap((length) => words(['a', 'b'], length))
  .map((word) => [...word, '*'].join(':'));

const matchesModel = (held: string, concrete: string): boolean => {
  const mine = held.split(':');
  const theirs = concrete.split(':');
  const open = mine.at(-1) === '*';
  const fixed = open ? mine.slice(0, -1) : mine;
  const enough = open ? theirs.length > fixed.length : theirs.length === fixed.length;
  return enough && fixed.every((segment, at) => segment === theirs[at]);
};
const MATCHED = new Map(
  [...CONCRETE, ...PATTERNS].map((held) => [held, WORLD.filter((concrete) => matchesModel(held, concrete))]),
);
const model = (held: readonly string[]): Set<string> =>
  new Set(held.flatMap((one) => MATCHED.get(one) ?? []));
const within = (inner: Set<string>, outer: Set<string>): boolean => [...inner].every((x) => outer.has(x));
const both = (a: Set<string>, b: Set<string>): Set<string> => new Set([...a].filter((x) => b.has(x)));

// Patterns are drawn as often as scopes, though there are fewer: they are where mistakes live.
const scope = fc.oneof(fc.constantFrom(...CONCRETE), fc.constantFrom(...PATTERNS));
const set = fc.array(scope, { maxLength: 6 });

const check = <T extends [unknown, ...unknown[]]>(
  property: fc.IProperty<T> | fc.IPropertyWithHooks<T>,
): void => {
  fc.assert(property, { numRuns: 1_000 });
};

describe('covers', () => {
  it.each([
    ['a:*', 'a:b', true],
    ['a:*', 'a:b:c', true],
    ['a:*', 'a:b:*', true],
    ['a:*', 'a:*', true],
    ['a:*', 'a', false],
    ['a:*', 'ab:c', false],
    ['a:b:*', 'a:b', false],
    ['a:b:*', 'a:*', false],
    ['a:b:*', 'a:bc:d', false],
    ['a:b', 'a:b:c', false],
    ['a:b', 'a:*', false],
    ['*', 'a:b', false],
    ['audit:read', 'audit:*', false],
    ['audit:*', 'audit:read', true],
    ['tokens.x:*', 'tokens:read', false],
    ['a.c:*', 'abc:d', false],
  ])('says of %s and %s: %s', (held, wanted, answer) => {
    expect(covers([held], wanted)).toBe(answer);
  });

  it('is reflexive: what is held is permitted', () => {
    check(fc.property(set, scope, (held, own) => covers([...held, own], own)));
  });

  it('is transitive: what a covered pattern covers is covered', () => {
    check(
      fc.property(set, scope, scope, (held, middle, wanted) => {
        fc.pre(covers(held, middle) && covers([middle], wanted));
        expect(covers(held, wanted)).toBe(true);
      }),
    );
  });

  it('permits a scope or a pattern exactly when all it matches is permitted', () => {
    check(
      fc.property(set, scope, (held, wanted) => {
        expect(covers(held, wanted)).toBe(within(model([wanted]), model(held)));
      }),
    );
  });

  it('permits nothing to an empty list', () => {
    check(fc.property(scope, (wanted) => !covers([], wanted)));
  });
});

describe('missing', () => {
  it('names exactly the scopes not permitted, in the order asked', () => {
    check(
      fc.property(set, set, (held, wanted) => {
        const lacking = missing(held, wanted);
        expect(lacking).toEqual(wanted.filter((one) => !within(model([one]), model(held))));
        expect(lacking.length === 0).toBe(isSubset(wanted, held));
      }),
    );
  });
});

describe('isSubset', () => {
  it('holds exactly when nothing outside is matched', () => {
    check(
      fc.property(set, set, (inner, outer) => {
        expect(isSubset(inner, outer)).toBe(within(model(inner), model(outer)));
      }),
    );
  });

  it('is antisymmetric up to the shortest form', () => {
    check(
      fc.property(set, fc.array(scope, { maxLength: 3 }), (a, more) => {
        const b = [...more.filter((one) => covers(a, one)), ...[...a].reverse()];
        expect(isSubset(a, b) && isSubset(b, a)).toBe(true);
        expect(new Set(smallest(a))).toEqual(new Set(smallest(b)));
      }),
    );
  });
});

describe('smallest', () => {
  it('permits the same with no member to spare, in the given order', () => {
    check(
      fc.property(set, (scopes) => {
        const short = smallest(scopes);
        expect(model(short)).toEqual(model(scopes));
        expect(short).toEqual([...new Set(scopes)].filter((one) => short.includes(one)));
        for (const one of short) {
          const others = model(short.filter((other) => other !== one));
          expect(within(model([one]), others)).toBe(false);
        }
      }),
    );
  });
});

describe('meet', () => {
  it('matches exactly what both sets match: nothing is lost and nothing is gained', () => {
    check(
      fc.property(set, set, (a, b) => {
        expect(model(meet(a, b))).toEqual(both(model(a), model(b)));
      }),
    );
  });

  it('is within both sets', () => {
    check(fc.property(set, set, (a, b) => isSubset(meet(a, b), a) && isSubset(meet(a, b), b)));
  });

  it('does not depend on which set comes first', () => {
    check(
      fc.property(set, set, (a, b) => {
        expect(new Set(smallest(meet(a, b)))).toEqual(new Set(smallest(meet(b, a))));
      }),
    );
  });

  it('does not depend on how three sets are grouped', () => {
    check(
      fc.property(set, set, set, (a, b, c) => {
        const left = smallest(meet(meet(a, b), c));
        expect(new Set(left)).toEqual(new Set(smallest(meet(a, meet(b, c)))));
      }),
    );
  });

  it('takes nothing from a set met with itself', () => {
    check(fc.property(set, (a) => meet(a, a) === a && meet(a, [...a].reverse()) === a));
  });

  it('returns a first set that loses nothing exactly as issued, redundant members and all', () => {
    const issued = ['a:b', 'a:*', 'a:b'];
    expect(meet(issued, ['a:*'])).toBe(issued);
    expect(meet(issued, ['b:c', 'a:*', 'a:b'])).toBe(issued);
  });

  it('is the shortest list, in the order of the first set, as soon as something is lost', () => {
    check(
      fc.property(set.map(smallest), set, (a, b) => {
        fc.pre(!isSubset(a, b));
        const met = meet(a, b);
        expect(met).toEqual(smallest(met));
        const kept = met.filter((one) => a.includes(one));
        expect(kept).toEqual(a.filter((one) => kept.includes(one)));
      }),
    );
    expect(meet(['c:x', 'a:*', 'b:y'], ['b:*', 'a:z', 'a:b:*', 'd:*'])).toEqual(['a:z', 'a:b:*', 'b:y']);
  });

  it('makes only scopes the grammar knows', () => {
    check(fc.property(set, set, (a, b) => meet(a, b).every((one) => parseScope(one).ok)));
  });
});

describe('effectiveScopes', () => {
  it('shows a token without ancestors exactly as issued', () => {
    check(fc.property(set, (issued) => effectiveScopes([issued]) === issued));
  });

  it('never grows along the chain, whatever the ancestors hold', () => {
    check(
      fc.property(set, fc.array(set, { maxLength: 4 }), set, (own, ancestors, root) => {
        const before = effectiveScopes([own, ...ancestors]);
        const after = effectiveScopes([own, ...ancestors, root]);
        expect(isSubset(after, before)).toBe(true);
        expect(isSubset(after, root)).toBe(true);
      }),
    );
  });

  it('permits exactly what every member of the chain permits', () => {
    check(
      fc.property(set, fc.array(set, { maxLength: 4 }), (own, ancestors) => {
        const all = [own, ...ancestors].map(model).reduce(both);
        expect(model(effectiveScopes([own, ...ancestors]))).toEqual(all);
      }),
    );
  });

  it('leaves nothing when an ancestor has nothing, and grants nothing to no token at all', () => {
    expect(effectiveScopes([])).toEqual([]);
    check(fc.property(set, (own) => effectiveScopes([own, []]).length === 0));
  });
});
