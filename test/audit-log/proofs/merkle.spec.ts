import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyRoot,
  Frontier,
  frontierLength,
  leafHash,
  nodeHash,
  perfectRoot,
} from '../../../src/audit-log/proofs/merkle.js';
import { KNOWN_LEAVES, KNOWN_ROOTS } from './known-tree.js';
import { leavesOf, treeOf } from './reference-tree.js';

const HUNDREDS = 600;
const hashes = leavesOf(HUNDREDS).map(leafHash);
const reference = treeOf(HUNDREDS);

function grown(size: number, from = Frontier.empty()): Frontier {
  for (const hash of hashes.slice(from.size, size)) from.append(hash);
  return from;
}

describe('a tree’s root', () => {
  it('is the published one for the leaves everybody tests with, at every size', () => {
    const frontier = Frontier.empty();
    const roots = [frontier.root()];
    for (const leaf of KNOWN_LEAVES) {
      frontier.append(leafHash(leaf));
      roots.push(frontier.root());
    }
    expect(roots).toEqual(KNOWN_ROOTS);
    expect(emptyRoot()).toEqual(KNOWN_ROOTS[0]);
  });

  it('is that of the definition at every size', () => {
    const frontier = Frontier.empty();
    const wrong = hashes.flatMap((hash, i) => {
      frontier.append(hash);
      return frontier.root().equals(reference.root(i + 1)) ? [] : [i + 1];
    });
    expect(wrong).toEqual([]);
    expect(frontier.size).toBe(HUNDREDS);
  });

  it('does not change by being asked for', () => {
    const frontier = grown(77);
    expect(frontier.root()).toEqual(frontier.root());
    expect(grown(99, frontier).root()).toEqual(reference.root(99));
  });
});

describe('a leaf’s hash', () => {
  it('is the same for a text and for its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(leafHash(text)).toEqual(leafHash(Buffer.from(text)));
      }),
    );
  });

  it('is never that of a node with the same bytes', () => {
    const both = Buffer.concat([hashes[0]!, hashes[1]!]);
    expect(leafHash(both)).not.toEqual(nodeHash(hashes[0]!, hashes[1]!));
    expect(leafHash(Buffer.concat([Buffer.from([1]), both]))).not.toEqual(nodeHash(hashes[0]!, hashes[1]!));
  });
});

describe('a frontier', () => {
  it('goes on where it was put down, at any size', () => {
    fc.assert(
      fc.property(fc.nat(HUNDREDS), fc.nat(HUNDREDS), (one, other) => {
        const [put, up] = [Math.min(one, other), Math.max(one, other)];
        const stored = grown(put).toBuffer();
        expect(stored).toHaveLength(32 * frontierLength(put));
        const taken = Frontier.from(put, stored);
        // What it was read from may be used again for something else.
        stored.fill(0);
        expect(taken.size).toBe(put);
        expect(grown(up, taken).root()).toEqual(reference.root(up));
      }),
    );
  });

  it('has one hash for every bit set in its size, also beyond 32 bits', () => {
    expect(
      [0, 1, 7, 8, 2 ** 32 - 1, 2 ** 32, 2 ** 52 + 2 ** 33 + 1, 2 ** 53 - 1].map(frontierLength),
    ).toEqual([0, 1, 3, 1, 32, 1, 3, 53]);
  });

  it('is refused with hashes that its size cannot have', () => {
    const three = grown(7).toBuffer();
    for (const size of [0, 1, 6, 8, -1, 7.5, NaN, Infinity, 2 ** 53]) {
      expect(() => Frontier.from(size, three)).toThrow(RangeError);
    }
    expect(() => Frontier.from(7, three.subarray(1))).toThrow(RangeError);
    expect(() => Frontier.from(0, Buffer.alloc(31))).toThrow(RangeError);
  });

  it('takes nothing but hashes', () => {
    for (const length of [0, 31, 33, 64]) {
      expect(() => Frontier.empty().append(Buffer.alloc(length))).toThrow(RangeError);
      expect(() => nodeHash(hashes[0]!, Buffer.alloc(length))).toThrow(RangeError);
      expect(() => nodeHash(Buffer.alloc(length), hashes[0]!)).toThrow(RangeError);
    }
  });
});

describe('a perfect subtree', () => {
  it('has the root of the definition', () => {
    for (const size of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) {
      expect(perfectRoot(Buffer.concat(hashes.slice(0, size)))).toEqual(reference.root(size));
    }
  });

  it('is made of a power of two of hashes', () => {
    for (const size of [0, 3, 5, 6, 7, 9, 255, 257]) {
      expect(() => perfectRoot(Buffer.concat(hashes.slice(0, size)))).toThrow(RangeError);
    }
    expect(() => perfectRoot(Buffer.alloc(33))).toThrow(RangeError);
  });
});
