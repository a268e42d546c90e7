import { foldRoots, leafHash, nodeHash } from '../../../src/audit-log/proofs/merkle.js';
import { rootNodes, type TreeNode } from '../../../src/audit-log/proofs/proofs.js';

/** A tree of any size, as its leaves are all alike but one: it is what the largest sizes are tried with. */
export class SparseTree {
  readonly oddLeaf = leafHash('the odd one');
  private readonly alike = [leafHash('one of many')];

  constructor(readonly odd: number) {}

  hashOf({ level, index }: TreeNode): Buffer {
    const leaves = 2 ** level;
    if (Math.floor(this.odd / leaves) !== index) return this.alikeAt(level);
    if (level === 0) return this.oddLeaf;
    return nodeHash(
      this.hashOf({ level: level - 1, index: 2 * index }),
      this.hashOf({ level: level - 1, index: 2 * index + 1 }),
    );
  }

  root(size: number): Buffer {
    return foldRoots(rootNodes(size).map((node) => this.hashOf(node)));
  }

  private alikeAt(level: number): Buffer {
    for (let next = this.alike.length; next <= level; next++) {
      const below = this.alike[next - 1]!;
      this.alike.push(nodeHash(below, below));
    }
    return this.alike[level]!;
  }
}
