import { foldRoots, HASH_BYTES, perfectRoot } from './merkle.js';
import { assemblePath, consistencyNodes, inclusionNodes, rootNodes, type TreeNode } from './proofs.js';
import { entriesOf, tileOf, type EntryRange } from './tiles.js';

/** Fetches entries of tiles: for each range, in order, its 32-byte hashes concatenated. */
export type ReadEntries = (ranges: readonly EntryRange[]) => Promise<Buffer[]>;

/** Roots and proofs of a tree kept as tiles, at any size it ever had. Every call reads once, each tile once. */
export class TreeReader {
  constructor(private readonly readEntries: ReadEntries) {}

  /** Merkle tree hash of the first `size` leaves (RFC 6962 §2.1). */
  async root(size: number): Promise<Buffer> {
    const nodes = rootNodes(size);
    const hashOf = await this.read(nodes);
    return foldRoots(nodes.map(hashOf));
  }

  /** Proof that the tree of `size` leaves has this leaf (RFC 6962 §2.1.1). */
  async inclusion(index: number, size: number): Promise<Buffer[]> {
    const nodes = inclusionNodes(index, size);
    return assemblePath(nodes, await this.read(nodes.flat()));
  }

  /** Proof that the tree of `newSize` leaves begins with that of `oldSize` (RFC 6962 §2.1.2). */
  async consistency(oldSize: number, newSize: number): Promise<Buffer[]> {
    const nodes = consistencyNodes(oldSize, newSize);
    return assemblePath(nodes, await this.read(nodes.flat()));
  }

  /** Hashes of these perfect subtrees, in their order. */
  async hashes(nodes: readonly TreeNode[]): Promise<Buffer[]> {
    return nodes.map(await this.read(nodes));
  }

  private async read(nodes: readonly TreeNode[]): Promise<(node: TreeNode) => Buffer> {
    const spans = spansOf(nodes.map(entriesOf));
    const ranges = [...spans.values()];
    const found = ranges.length === 0 ? [] : await this.readEntries(ranges);
    const entries = new Map([...spans.keys()].map((key, i) => [key, checked(ranges[i]!, found[i])]));
    return (node) => {
      const range = entriesOf(node);
      const key = keyOf(range);
      const start = (range.first - spans.get(key)!.first) * HASH_BYTES;
      return perfectRoot(entries.get(key)!.subarray(start, start + range.count * HASH_BYTES));
    };
  }
}

/** One range for every tile, from the first entry wanted to the last: neighbours are cheaper than a second read. */
function spansOf(ranges: readonly EntryRange[]): Map<string, EntryRange> {
  const spans = new Map<string, EntryRange>();
  for (const range of ranges) {
    const key = keyOf(range);
    const span = spans.get(key) ?? range;
    const first = Math.min(span.first, range.first);
    const end = Math.max(span.first + span.count, range.first + range.count);
    spans.set(key, { level: range.level, first, count: end - first });
  }
  return spans;
}

function keyOf(range: EntryRange): string {
  const { level, number } = tileOf(range);
  return `${level}/${number}`;
}

function checked(range: EntryRange, entries: Buffer | undefined): Buffer {
  if (entries?.length === range.count * HASH_BYTES) return entries;
  throw new Error(
    `the tree lacks entries: level ${range.level}, ${range.count} from ${range.first}, ${entries?.length ?? 0} bytes`,
  );
}
