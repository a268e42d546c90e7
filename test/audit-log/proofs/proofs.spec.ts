import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, nodeHash } from '../../../src/audit-log/proofs/merkle.js';
import {
  assemblePath,
  consistencyNodes,
  inclusionNodes,
  rootNodes,
  type TreeNode,
} from '../../../src/audit-log/proofs/proofs.js';
import { verifyConsistency, verifyInclusion } from '../../../src/audit-log/proofs/verify-proof.js';
import { KNOWN_CONSISTENCY_PROOFS, KNOWN_INCLUSION_PROOFS, KNOWN_LEAVES, KNOWN_ROOTS } from './known-tree.js';
import { leafOf, ReferenceTree, treeOf } from './reference-tree.js';
import { SparseTree } from './sparse-tree.js';

const LARGEST = Number.MAX_SAFE_INTEGER;
/** The small ones, and those around the edge of a tile. */
const SIZES = [...Array.from({ length: 130 }, (_, i) => i + 1), 255, 256, 257, 258];
const reference = treeOf(Math.max(...SIZES));

const nodesIn =
  (tree: ReferenceTree) =>
  ({ level, index }: TreeNode): Buffer =>
    tree.mth(index * 2 ** level, (index + 1) * 2 ** level);

const inclusion = (tree: ReferenceTree, index: number, size: number): Buffer[] =>
  assemblePath(inclusionNodes(index, size), nodesIn(tree));

const consistency = (tree: ReferenceTree, oldSize: number, newSize: number): Buffer[] =>
  assemblePath(consistencyNodes(oldSize, newSize), nodesIn(tree));

const same = (one: readonly Buffer[], other: readonly Buffer[]): boolean =>
  one.length === other.length && one.every((hash, i) => hash.equals(other[i]!));

/** Sizes of all lengths, from a few leaves to the largest that can be counted. */
const sizes = fc
  .integer({ min: 1, max: 53 })
  .chain((bits) => fc.maxSafeNat().map((n) => 1 + (n % (2 ** bits - 1))));

describe('an inclusion proof', () => {
  it('is the published one for the leaves everybody tests with', () => {
    const tree = new ReferenceTree(KNOWN_LEAVES);
    for (const { index, size, path } of KNOWN_INCLUSION_PROOFS) {
      expect(inclusion(tree, index, size)).toEqual(path);
      const proof = { leafHash: leafHash(KNOWN_LEAVES[index]!), index, size, root: KNOWN_ROOTS[size]!, path };
      expect(verifyInclusion(proof)).toBe(true);
    }
  });

  it('has the hashes of the example of RFC 9162 §2.1.5', () => {
    const { b, c, f, g, h, i, j, k, l } = example();
    const tree = treeOf(7);
    expect(inclusion(tree, 0, 7)).toEqual([b, h, l]);
    expect(inclusion(tree, 3, 7)).toEqual([c, g, l]);
    expect(inclusion(tree, 4, 7)).toEqual([f, j, k]);
    expect(inclusion(tree, 6, 7)).toEqual([i, k]);
  });

  it('is that of the definition and verifies, for every leaf of many sizes', () => {
    const wrong: string[] = [];
    for (const size of SIZES) {
      const root = reference.root(size);
      for (let index = 0; index < size; index++) {
        const path = inclusion(reference, index, size);
        const proof = { leafHash: reference.mth(index, index + 1), index, size, root, path };
        if (!same(path, reference.path(index, size)) || !verifyInclusion(proof)) {
          wrong.push(`${index} of ${size}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('verifies in trees of any size, and for no other leaf', () => {
    fc.assert(
      fc.property(sizes, fc.maxSafeNat(), fc.maxSafeNat(), (size, random, other) => {
        const index = random % size;
        const tree = new SparseTree(index);
        const path = assemblePath(inclusionNodes(index, size), (node) => tree.hashOf(node));
        const proof = { leafHash: tree.oddLeaf, index, size, root: tree.root(size), path };
        expect(path.length).toBeLessThanOrEqual(53);
        expect(verifyInclusion(proof)).toBe(true);
        expect(verifyInclusion({ ...proof, index: other % size })).toBe(other % size === index);
      }),
      {
        examples: [
          [LARGEST, LARGEST - 1, 0],
          [LARGEST, 0, LARGEST - 1],
          [2 ** 32 + 1, 2 ** 32, 0],
        ],
      },
    );
  });

  it('exists only for a leaf that the tree has', () => {
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 1],
      [NaN, 1],
      [0, -1],
      [0, 1.5],
      [0, 2 ** 53],
    ]) {
      expect(() => inclusionNodes(index!, size!)).toThrow(RangeError);
    }
  });
});

describe('a consistency proof', () => {
  it('is the published one for the leaves everybody tests with', () => {
    const tree = new ReferenceTree(KNOWN_LEAVES);
    for (const { oldSize, newSize, path } of KNOWN_CONSISTENCY_PROOFS) {
      const [oldRoot, newRoot] = [KNOWN_ROOTS[oldSize]!, KNOWN_ROOTS[newSize]!];
      expect(consistency(tree, oldSize, newSize)).toEqual(path);
      expect(verifyConsistency({ oldSize, oldRoot, newSize, newRoot, path })).toBe(true);
    }
  });

  it('has the hashes of the example of RFC 9162 §2.1.5', () => {
    const { c, d, g, i, j, k, l } = example();
    const tree = treeOf(7);
    expect(consistency(tree, 3, 7)).toEqual([c, d, g, l]);
    expect(consistency(tree, 4, 7)).toEqual([l]);
    expect(consistency(tree, 6, 7)).toEqual([i, j, k]);
  });

  it('is that of the definition and verifies, from all sizes to many', () => {
    const wrong: string[] = [];
    for (const newSize of SIZES) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const [oldRoot, newRoot] = [reference.root(oldSize), reference.root(newSize)];
        const path = consistency(reference, oldSize, newSize);
        const proof = { oldSize, oldRoot, newSize, newRoot, path };
        if (!same(path, reference.proof(oldSize, newSize)) || !verifyConsistency(proof)) {
          wrong.push(`${oldSize} to ${newSize}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('verifies between trees of any sizes, and not for a leaf changed', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.maxSafeNat(), (one, other, random) => {
        const [oldSize, newSize] = [Math.min(one, other), Math.max(one, other)];
        const tree = new SparseTree(random % oldSize);
        const path = assemblePath(consistencyNodes(oldSize, newSize), (node) => tree.hashOf(node));
        const proof = { oldSize, oldRoot: tree.root(oldSize), newSize, newRoot: tree.root(newSize), path };
        expect(verifyConsistency(proof)).toBe(true);
        const unchanged = new SparseTree(newSize);
        expect(verifyConsistency({ ...proof, oldRoot: unchanged.root(oldSize) })).toBe(false);
      }),
      {
        examples: [
          [LARGEST - 1, LARGEST, 0],
          [1, LARGEST, 0],
          [2 ** 32, 2 ** 32 + 1, 0],
        ],
      },
    );
  });

  it('exists only from a tree that is not empty to one that is not smaller', () => {
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [2, 1],
      [-1, 1],
      [0.5, 1],
      [1, NaN],
      [1, 2 ** 53],
    ]) {
      expect(() => consistencyNodes(from!, to!)).toThrow(RangeError);
    }
  });
});

describe('the nodes of a root', () => {
  it('are the perfect subtrees from left to right, without gap or overlap', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        let next = 0;
        for (const { level, index } of rootNodes(size)) {
          expect(index * 2 ** level).toBe(next);
          next += 2 ** level;
        }
        expect(next).toBe(size);
      }),
    );
    expect(rootNodes(0)).toEqual([]);
  });
});

/** The seven leaves and their nodes as RFC 9162 §2.1.5 names them. */
function example() {
  const [a, b, c, d, e, f, j] = Array.from({ length: 7 }, (_, i) => leafHash(leafOf(i))) as [
    ...[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer],
  ];
  const [g, h, i] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)];
  return { b, c, d, f, g, h, i, j, k: nodeHash(g, h), l: nodeHash(i, j) };
}
