import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeHash } from '../../../src/audit-log/proofs/merkle.js';
import {
  verifyConsistency,
  verifyInclusion,
  type ConsistencyProof,
  type InclusionProof,
} from '../../../src/audit-log/proofs/verify-proof.js';
import { pathShape, proofShape, treeOf } from './reference-tree.js';

const SIZES = 70;
const tree = treeOf(SIZES);
/** Bits of the sizes and indexes that are changed one at a time: up to the largest that is exact. */
const NUMBER_BITS = 53;

const inclusions = fc
  .integer({ min: 1, max: SIZES })
  .chain((size) => fc.nat(size - 1).map((index) => inclusionOf(index, size)));

const consistencies = fc
  .integer({ min: 1, max: SIZES })
  .chain((newSize) => fc.integer({ min: 1, max: newSize }).map((oldSize) => consistencyOf(oldSize, newSize)));

function inclusionOf(index: number, size: number): InclusionProof {
  const path = tree.path(index, size);
  return { leafHash: tree.mth(index, index + 1), index, size, root: tree.root(size), path };
}

function consistencyOf(oldSize: number, newSize: number): ConsistencyProof {
  const [oldRoot, newRoot] = [tree.root(oldSize), tree.root(newSize)];
  return { oldSize, oldRoot, newSize, newRoot, path: tree.proof(oldSize, newSize) };
}

/** The hash with each of its bits changed in turn. */
function flips(hash: Buffer): Buffer[] {
  return Array.from({ length: hash.length * 8 }, (_, bit) => {
    const flipped = Buffer.from(hash);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    return flipped;
  });
}

/** The path with a bit changed, a hash cut, grown, left out, doubled, made up or moved, and the empty path. */
function spoiltPaths(path: readonly Buffer[]): Buffer[][] {
  const [made, whole] = [Buffer.alloc(32, 0xaa), [...path]];
  return [
    ...path.flatMap((hash, i) => flips(hash).map((flipped) => whole.with(i, flipped))),
    ...path.flatMap((hash, i) => [
      whole.toSpliced(i, 1),
      whole.toSpliced(i, 0, hash),
      whole.toSpliced(i, 0, made),
      whole.with(i, hash.subarray(1)),
      whole.with(i, Buffer.concat([hash, Buffer.alloc(1)])),
      whole.with(i, Buffer.alloc(0)),
    ]),
    ...path.slice(1).map((hash, i) => whole.with(i, hash).with(i + 1, path[i]!)),
    [...path, made],
    [...path, Buffer.alloc(0)],
    ...(path.length > 0 ? [[]] : []),
  ];
}

/** The number with each of its bits changed in turn. */
function bitsChanged(n: number): number[] {
  return Array.from({ length: NUMBER_BITS }, (_, bit) => Number(BigInt(n) ^ (1n << BigInt(bit))));
}

const NO_NUMBERS = [-1, 0.5, NaN, Infinity, 2 ** 53, '1' as unknown as number];

describe('an inclusion proof is refused', () => {
  const accepted = (proofs: InclusionProof[]): InclusionProof[] => proofs.filter(verifyInclusion);

  it('with any single bit of leaf, root or path changed, and with a path that is longer, shorter or mixed', () => {
    fc.assert(
      fc.property(inclusions, (proof) => {
        expect(verifyInclusion(proof)).toBe(true);
        expect(accepted(flips(proof.leafHash).map((leafHash) => ({ ...proof, leafHash })))).toEqual([]);
        expect(accepted(flips(proof.root).map((root) => ({ ...proof, root })))).toEqual([]);
        expect(accepted(spoiltPaths(proof.path).map((path) => ({ ...proof, path })))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('for every other index', () => {
    fc.assert(
      fc.property(inclusions, (proof) => {
        const others = [...Array(proof.size).keys(), ...bitsChanged(proof.index)];
        const indexes = new Set(others.filter((index) => index !== proof.index));
        expect(accepted([...indexes].map((index) => ({ ...proof, index })))).toEqual([]);
      }),
    );
  });

  it('for every other size, but those in which the leaf’s path runs the same way', () => {
    fc.assert(
      fc.property(inclusions, (proof) => {
        const { index, size } = proof;
        const shape = pathShape(index, size);
        const others = [...Array(2 * SIZES).keys(), ...bitsChanged(size)];
        const alike = others.filter((other) => other > index && pathShape(index, other) === shape);
        expect(others.filter((other) => verifyInclusion({ ...proof, size: other }))).toEqual(alike);
      }),
    );
  });

  it('for what is no index, no size or no hash', () => {
    const proof = inclusionOf(3, 7);
    const one = inclusionOf(0, 1);
    expect(accepted(NO_NUMBERS.map((index) => ({ ...proof, index })))).toEqual([]);
    expect(accepted([...NO_NUMBERS, 0].map((size) => ({ ...one, size })))).toEqual([]);
    for (const hash of [Buffer.alloc(0), one.root.subarray(1), Buffer.concat([one.root, one.root])]) {
      expect(
        accepted([
          { ...one, leafHash: hash, root: hash },
          { ...proof, leafHash: hash },
        ]),
      ).toEqual([]);
    }
  });

  it('for the root of a taller tree made for it', () => {
    fc.assert(
      fc.property(inclusions, (proof) => {
        const path = [...proof.path, Buffer.alloc(32)];
        const roots = [nodeHash(proof.root, path.at(-1)!), nodeHash(path.at(-1)!, proof.root)];
        expect(accepted(roots.map((root) => ({ ...proof, root, path })))).toEqual([]);
      }),
    );
  });
});

describe('a consistency proof is refused', () => {
  const accepted = (proofs: ConsistencyProof[]): ConsistencyProof[] => proofs.filter(verifyConsistency);

  it('with any single bit of the roots or the path changed, and with a path that is longer, shorter or mixed', () => {
    fc.assert(
      fc.property(consistencies, (proof) => {
        expect(verifyConsistency(proof)).toBe(true);
        expect(accepted(flips(proof.oldRoot).map((oldRoot) => ({ ...proof, oldRoot })))).toEqual([]);
        expect(accepted(flips(proof.newRoot).map((newRoot) => ({ ...proof, newRoot })))).toEqual([]);
        expect(accepted(spoiltPaths(proof.path).map((path) => ({ ...proof, path })))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('for every other size, but those between which the proof runs the same way', () => {
    fc.assert(
      fc.property(consistencies, (proof) => {
        const shape = proofShape(proof.oldSize, proof.newSize);
        const others = (n: number) => [...Array(2 * SIZES).keys(), ...bitsChanged(n)];
        const pairs = [
          ...others(proof.oldSize).map((oldSize) => ({ oldSize, newSize: proof.newSize })),
          ...others(proof.newSize).map((newSize) => ({ oldSize: proof.oldSize, newSize })),
        ];
        const alike = pairs.filter(
          ({ oldSize, newSize }) =>
            oldSize > 0 && oldSize <= newSize && proofShape(oldSize, newSize) === shape,
        );
        expect(pairs.filter((sizes) => verifyConsistency({ ...proof, ...sizes }))).toEqual(alike);
      }),
    );
  });

  it('with its trees exchanged', () => {
    fc.assert(
      fc.property(consistencies, (proof) => {
        fc.pre(proof.oldSize < proof.newSize);
        const { oldSize, oldRoot, newSize, newRoot } = proof;
        expect(verifyConsistency({ ...proof, oldRoot: newRoot, newRoot: oldRoot })).toBe(false);
        expect(verifyConsistency({ ...proof, oldSize: newSize, newSize: oldSize })).toBe(false);
      }),
    );
  });

  it('from the empty tree, which is the beginning of every other', () => {
    const empty = { oldSize: 0, oldRoot: tree.root(0), path: [] };
    expect(verifyConsistency({ ...empty, newSize: 0, newRoot: tree.root(0) })).toBe(false);
    expect(verifyConsistency({ ...empty, newSize: 1, newRoot: tree.root(1) })).toBe(false);
  });

  it('for what is no size or no hash', () => {
    const proof = consistencyOf(3, 7);
    const same = consistencyOf(1, 1);
    expect(accepted(NO_NUMBERS.map((oldSize) => ({ ...proof, oldSize })))).toEqual([]);
    expect(accepted(NO_NUMBERS.map((newSize) => ({ ...proof, newSize })))).toEqual([]);
    expect(accepted(NO_NUMBERS.map((size) => ({ ...same, oldSize: size, newSize: size })))).toEqual([]);
    for (const hash of [Buffer.alloc(0), same.oldRoot.subarray(1)]) {
      expect(accepted([{ ...same, oldRoot: hash, newRoot: hash }])).toEqual([]);
    }
  });
});
