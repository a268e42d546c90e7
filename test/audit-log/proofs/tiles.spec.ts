import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafHash } from '../../../src/audit-log/proofs/merkle.js';
import {
  completedTiles,
  entriesOf,
  entryCount,
  tileOf,
  tileRoot,
  type EntryRange,
} from '../../../src/audit-log/proofs/tiles.js';
import { TreeReader } from '../../../src/audit-log/proofs/tree-reader.js';
import { verifyConsistency, verifyInclusion } from '../../../src/audit-log/proofs/verify-proof.js';
import { leavesOf, treeOf } from './reference-tree.js';
import { SparseTree } from './sparse-tree.js';

/** The example of C2SP tlog-tiles: 273 full tiles and a part of one, one and a part above, a part on top. */
const SIZE = 70_000;
const reference = treeOf(SIZE);
const hashes = leavesOf(SIZE).map(leafHash);

/** What a database keeps of a tree: the hash of every leaf, every full tile once, and with it its root. */
class KeptTree {
  private readonly tiles = new Map<string, { entries: Buffer; root: Buffer }>();
  private size = 0;
  reads: EntryRange[][] = [];

  grow(size: number): void {
    for (const { level, number } of completedTiles(this.size, size)) {
      const key = `${level}/${number}`;
      if (this.tiles.has(key)) throw new Error(`tile ${key} was full before`);
      const entries = this.single({ level, first: number * 256, count: 256 });
      this.tiles.set(key, { entries, root: tileRoot(entries) });
    }
    this.size = size;
  }

  readonly read = async (ranges: readonly EntryRange[]): Promise<Buffer[]> => {
    this.reads.push([...ranges]);
    return ranges.map((range) => this.single(range));
  };

  private single({ level, first, count }: EntryRange): Buffer {
    const kept = this.tiles.get(`${level}/${Math.floor(first / 256)}`);
    const start = first % 256;
    if (kept !== undefined) return kept.entries.subarray(start * 32, (start + count) * 32);
    return Buffer.concat(Array.from({ length: count }, (_, i) => this.entry(level, first + i)));
  }

  private entry(level: number, n: number): Buffer {
    return level === 0 ? hashes[n]! : this.tiles.get(`${level - 1}/${n}`)!.root;
  }
}

function keptTree(...sizes: number[]): { kept: KeptTree; reader: TreeReader } {
  const kept = new KeptTree();
  for (const size of sizes) kept.grow(size);
  return { kept, reader: new TreeReader(kept.read) };
}

const { kept, reader } = keptTree(1, 255, 256, 257, 65_535, 65_536, SIZE);
/** Around every edge of a tile, and in between. */
const sizes = fc.oneof(
  fc.integer({ min: 1, max: SIZE }),
  fc.integer({ min: 1, max: 600 }),
  fc
    .tuple(fc.integer({ min: 1, max: 273 }), fc.integer({ min: -2, max: 2 }))
    .map(([n, near]) => n * 256 + near),
  fc.integer({ min: 65_500, max: 65_600 }),
);

describe('a tree kept as tiles', () => {
  it('has the roots of the definition at every size it ever had', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        expect(await reader.root(size)).toEqual(reference.root(size));
      }),
    );
    expect(await reader.root(0)).toEqual(reference.root(0));
  });

  it('proves every leaf at every size', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, random) => {
        const index = random % size;
        const path = await reader.inclusion(index, size);
        expect(path).toEqual(reference.path(index, size));
        const proof = { leafHash: hashes[index]!, index, size, root: reference.root(size), path };
        expect(verifyInclusion(proof)).toBe(true);
      }),
    );
  });

  it('proves that every size begins with every smaller one', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (one, other) => {
        const [oldSize, newSize] = [Math.min(one, other), Math.max(one, other)];
        const path = await reader.consistency(oldSize, newSize);
        expect(path).toEqual(reference.proof(oldSize, newSize));
        const [oldRoot, newRoot] = [reference.root(oldSize), reference.root(newSize)];
        expect(verifyConsistency({ oldSize, oldRoot, newSize, newRoot, path })).toBe(true);
      }),
    );
  });

  it('is the same however it grew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }), async (steps) => {
        const grown = steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step));
        const tree = keptTree(...grown);
        const size = grown.at(-1) ?? 0;
        expect(await tree.reader.root(size)).toEqual(reference.root(size));
        expect(await tree.reader.root(size >> 1)).toEqual(reference.root(size >> 1));
      }),
    );
  });

  it('is read once for an answer, and each tile in it once', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, random) => {
        const index = random % size;
        kept.reads = [];
        await reader.root(size);
        await reader.inclusion(index, size);
        await reader.consistency(index + 1, size);
        expect(kept.reads.length).toBeLessThanOrEqual(3);
        for (const ranges of kept.reads) {
          const tiles = ranges.map((range) => JSON.stringify(tileOf(range)));
          expect(new Set(tiles).size).toBe(ranges.length);
          // The leaf's own tile and the ragged edge, on each of three levels.
          expect(ranges.length).toBeLessThanOrEqual(6);
          for (const { level, first, count } of ranges) {
            expect(Math.floor(first / 256)).toBe(Math.floor((first + count - 1) / 256));
            expect(first + count).toBeLessThanOrEqual(entryCount(level, size));
          }
        }
      }),
    );
  });

  it('has no answer, and no wrong one, when entries are missing or too many', async () => {
    const short = new TreeReader(async (ranges) =>
      (await kept.read(ranges)).map((read) => read.subarray(32)),
    );
    const long = new TreeReader(async (ranges) =>
      (await kept.read(ranges)).map((read) => Buffer.concat([read, read])),
    );
    const few = new TreeReader(async (ranges) => (await kept.read(ranges)).slice(1));
    for (const broken of [short, long, few]) {
      await expect(broken.root(300)).rejects.toThrow('the tree lacks entries');
      await expect(broken.inclusion(7, 300)).rejects.toThrow('the tree lacks entries');
      await expect(broken.consistency(7, 300)).rejects.toThrow('the tree lacks entries');
    }
  });

  it('refuses what no tree can have before it reads anything', async () => {
    kept.reads = [];
    await expect(reader.root(-1)).rejects.toThrow(RangeError);
    await expect(reader.inclusion(3, 3)).rejects.toThrow(RangeError);
    await expect(reader.consistency(0, 3)).rejects.toThrow(RangeError);
    await expect(reader.consistency(4, 3)).rejects.toThrow(RangeError);
    expect(kept.reads).toEqual([]);
  });

  it('may have more leaves than 32 bits can count', async () => {
    const size = 2 ** 40 + 2 ** 33 + 12_345;
    const index = 2 ** 40 + 77;
    const tree = new SparseTree(index);
    const vast = new TreeReader(async (ranges) =>
      ranges.map(({ level, first, count }) =>
        Buffer.concat(
          Array.from({ length: count }, (_, i) => tree.hashOf({ level: 8 * level, index: first + i })),
        ),
      ),
    );
    const root = await vast.root(size);
    expect(root).toEqual(tree.root(size));
    const path = await vast.inclusion(index, size);
    expect(verifyInclusion({ leafHash: tree.oddLeaf, index, size, root, path })).toBe(true);
    const [oldSize, oldRoot] = [index + 1, tree.root(index + 1)];
    const growth = await vast.consistency(oldSize, size);
    expect(verifyConsistency({ oldSize, oldRoot, newSize: size, newRoot: root, path: growth })).toBe(true);
  });
});

describe('the tiles that become full', () => {
  it('are those of the example of C2SP tlog-tiles, the lower level first', () => {
    const tiles = completedTiles(0, SIZE);
    expect(tiles).toEqual([
      ...Array.from({ length: 273 }, (_, number) => ({ level: 0, number })),
      { level: 1, number: 0 },
    ]);
    expect([0, 1, 2, 3].map((level) => entryCount(level, SIZE) % 256)).toEqual([112, 17, 1, 0]);
  });

  it('are full exactly once, at the leaf that fills them', () => {
    expect(completedTiles(255, 256)).toEqual([{ level: 0, number: 0 }]);
    expect(completedTiles(256, 511)).toEqual([]);
    expect(completedTiles(65_535, 65_536)).toEqual([
      { level: 0, number: 255 },
      { level: 1, number: 0 },
    ]);
    expect(completedTiles(2 ** 40 - 1, 2 ** 40).at(-1)).toEqual({ level: 4, number: 0 });
    expect(completedTiles(65_536, 65_536)).toEqual([]);
    expect(completedTiles(0, 0)).toEqual([]);
  });

  it('exist only for sizes', () => {
    expect(() => completedTiles(-1, 1)).toThrow(RangeError);
    expect(() => completedTiles(0, 1.5)).toThrow(RangeError);
  });
});

describe('the entries of a node', () => {
  it('are all in one tile', () => {
    fc.assert(
      fc.property(fc.nat(52), fc.maxSafeNat(), (level, random) => {
        const index = Math.floor(random / 2 ** level);
        const range = entriesOf({ level, index });
        expect(range.level).toBe(Math.floor(level / 8));
        expect(range.count).toBe(2 ** (level % 8));
        // The same leaves, counted once by the node and once by the entries.
        expect(BigInt(range.first) * 256n ** BigInt(range.level)).toBe(BigInt(index) * 2n ** BigInt(level));
        expect((range.first % 256) + range.count).toBeLessThanOrEqual(256);
      }),
    );
  });
});
