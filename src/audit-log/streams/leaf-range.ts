import { foldRoots, nodeHash } from '../proofs/merkle.js';
import type { TreeNode } from '../proofs/proofs.js';

interface Subtree {
  level: number;
  /** Of its first leaf. */
  start: number;
  hash: Buffer;
}

/**
 * Neighbouring leaves of a tree, kept as the fewest perfect subtrees they consist of: what it takes to rebuild the
 * root of a log from an export that leaves events out. Grows to the right; a range that begins at 0 has a root.
 */
export class LeafRange {
  private readonly subtrees: Subtree[] = [];
  private next: number;

  /** @param begin index of its first leaf. */
  constructor(readonly begin: number) {
    this.next = begin;
  }

  /** Index of the leaf that would follow. */
  get end(): number {
    return this.next;
  }

  /** @param level of the perfect subtree with this hash; a leaf, unless told. */
  append(hash: Buffer, level = 0): void {
    if (this.next % 2 ** level !== 0)
      throw new RangeError(`no subtree of level ${level} begins at ${this.next}`);
    let grown: Subtree = { level, start: this.next, hash };
    this.next += 2 ** level;
    for (
      let left = this.subtrees.at(-1);
      left !== undefined && areSiblings(left, grown);
      left = this.subtrees.at(-1)
    ) {
      this.subtrees.pop();
      grown = { level: left.level + 1, start: left.start, hash: nodeHash(left.hash, grown.hash) };
    }
    this.subtrees.push(grown);
  }

  /** Of its subtrees, from left to right; which ones they are follows from where it begins and ends (`coverOf`). */
  hashes(): Buffer[] {
    return this.subtrees.map(({ hash }) => hash);
  }

  /** Merkle tree hash of all leaves so far (RFC 6962 §2.1). */
  root(): Buffer {
    if (this.begin !== 0) throw new RangeError('only what begins at 0 has a root');
    return foldRoots(this.hashes());
  }
}

/** The fewest perfect subtrees that the leaves from … to consist of, from left to right. */
export function coverOf(from: number, to: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  let start = from;
  while (start < to) {
    let level = 0;
    while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level++;
    nodes.push({ level, index: start / 2 ** level });
    start += 2 ** level;
  }
  return nodes;
}

function areSiblings(left: Subtree, right: Subtree): boolean {
  return left.level === right.level && (left.start / 2 ** left.level) % 2 === 0;
}
