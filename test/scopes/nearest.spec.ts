import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearestScope } from '../../src/scopes/nearest.js';

const KNOWN = ['invoices:read', 'invoices:write', 'customers:read', 'a:b'];

describe('nearestScope', () => {
  it.each([
    ['a letter too few', 'invoice:read', 'invoices:read'],
    ['a letter too many', 'invoices:reead', 'invoices:read'],
    ['a wrong letter', 'invoices:rxad', 'invoices:read'],
    ['two letters swapped', 'invoices:wirte', 'invoices:write'],
    ['a swap and two slips', 'invioce:reat', 'invoices:read'],
    ['one letter in a short word', 'a:c', 'a:b'],
  ])('finds the scope meant in spite of %s', (_, typed, meant) => {
    expect(nearestScope(typed, KNOWN)).toBe(meant);
  });

  it.each(['payments:refund', 'invoices:delete', 'x:y', 'a', ''])('suggests nothing for %j', (typed) => {
    expect(nearestScope(typed, KNOWN)).toBeNull();
  });

  it('suggests nothing where nothing is known', () => {
    expect(nearestScope('invoices:read', [])).toBeNull();
  });

  it('prefers the nearest, and of equally near ones the first in the alphabet, however they are listed', () => {
    const listed = fc.shuffledSubarray(['log:read', 'lag:read', 'bug:read', 'lug:reads'], { minLength: 4 });
    fc.assert(
      fc.property(listed, (known) => {
        expect(nearestScope('lug:read', known)).toBe('bug:read');
        expect(nearestScope('lugs:read', [...known, 'lugs:read'])).toBe('lugs:read');
      }),
    );
  });

  it('agrees with the textbook distance about every pair of short words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', ':'), minLength: 0, maxLength: 9 });
    fc.assert(
      fc.property(word, word, (typed, known) => {
        const near = textbook(typed, known) <= Math.min(3, Math.floor(typed.length / 3));
        expect(nearestScope(typed, [known])).toBe(near ? known : null);
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Optimal string alignment, written as its definition. */
function textbook(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a.startsWith(b.slice(0, 1))) return textbook(restA, restB);
  const swapped =
    a.length > 1 && b.length > 1 && a.slice(0, 2) === `${b.charAt(1)}${b.charAt(0)}`
      ? textbook(a.slice(2), b.slice(2))
      : Infinity;
  return 1 + Math.min(textbook(restA, b), textbook(a, restB), textbook(restA, restB), swapped);
}
