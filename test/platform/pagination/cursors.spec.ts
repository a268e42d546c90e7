import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Problem } from '../../../src/platform/errors/problem.js';
import { Cursors } from '../../../src/platform/pagination/cursor.js';
import { type Page, page } from '../../../src/platform/pagination/page.js';

const cursors = new Cursors(randomBytes(32));
const positions = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 });
const filters = fc.jsonValue({ maxDepth: 2 });
const BASE64URL = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

function expectRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({
      status: 400,
      details: [{ field: 'cursor', message: 'is not a cursor of this list' }],
    });
    return;
  }
  throw new Error('was accepted');
}

describe('a cursor', () => {
  it('gives back its position for the filters it was made for', () => {
    fc.assert(
      fc.property(positions, filters, (position, filter) => {
        const cursor = cursors.encode(position, filter);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(cursors.decode(cursor, filter)).toEqual(position);
      }),
    );
  });

  it('does not care for the order of keys, nor for filters that are undefined', () => {
    const cursor = cursors.encode(['1'], { a: 1, b: { c: 2, d: undefined }, e: undefined });
    expect(cursors.decode(cursor, { b: { c: 2 }, a: 1 })).toEqual(['1']);
  });

  it('is refused for other filters', () => {
    fc.assert(
      fc.property(positions, filters, filters, (position, filter, other) => {
        fc.pre(sorted(filter) !== sorted(other));
        expectRefused(() => cursors.decode(cursors.encode(position, filter), other));
      }),
    );
    expectRefused(() => cursors.decode(cursors.encode(['1'], { a: ['b', 1] }), { a: { b: 1 } }));
    expectRefused(() => cursors.decode(cursors.encode(['1'], { a: '1' }), { a: 1 }));
  });

  it('is refused with any of its characters changed, left out, doubled or added', () => {
    fc.assert(
      fc.property(
        positions,
        filters,
        fc.nat(),
        fc.constantFrom(...BASE64URL, '=', '+', '/', ' ', '\n', 'é'),
        (...args) => {
          const [position, filter, where, character] = args;
          const cursor = cursors.encode(position, filter);
          const at = where % cursor.length;
          const before = cursor.slice(0, at);
          const after = cursor.slice(at + 1);
          const forgeries = [
            before + character + after,
            before + after,
            before + character + cursor.slice(at),
            before,
          ];
          for (const forgery of [...forgeries, cursor + character].filter((text) => text !== cursor)) {
            expectRefused(() => cursors.decode(forgery, filter));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('has one spelling: the spare bits of its last character count', () => {
    for (const position of ['1', '12', '123']) {
      const cursor = cursors.encode([position], null);
      for (const character of BASE64URL) {
        const other = cursor.slice(0, -1) + character;
        if (other !== cursor) expectRefused(() => cursors.decode(other, null));
      }
    }
  });

  it('is refused if made with another key', () => {
    expectRefused(() => cursors.decode(new Cursors(randomBytes(32)).encode(['1'], null), null));
  });

  it('is refused, whatever text is sent for one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expectRefused(() => cursors.decode(text, null));
      }),
    );
  });
});

describe('pages', () => {
  it('put together show every row once and in order, and end', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 10 }), (count, limit) => {
        const rows = Array.from({ length: count }, (_, id) => id);
        const shown: number[] = [];
        let cursor: string | null = null;
        do {
          const after: number = cursor === null ? -1 : Number(cursors.decode(cursor, 'rows')[0]);
          const found = rows.filter((row) => row > after).slice(0, limit + 1);
          const answer: Page<number> = page(found, limit, (row) => cursors.encode([String(row)], 'rows'));
          expect(answer.data.length).toBe(Math.min(limit, rows.length - shown.length));
          shown.push(...answer.data);
          cursor = answer.next_cursor;
        } while (cursor !== null);
        expect(shown).toEqual(rows);
      }),
    );
  });

  it('of a list that ends exactly there have no next', () => {
    expect(page([1, 2], 2, String)).toEqual({ data: [1, 2], next_cursor: null });
    expect(page([1, 2, 3], 2, String)).toEqual({ data: [1, 2], next_cursor: '2' });
    expect(page([], 2, String)).toEqual({ data: [], next_cursor: null });
  });
});

/** Filters as text that two equal ones share. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}
