import { foldRoots, requireSize } from './merkle.js';

/** A perfect subtree: the 2^level leaves from index · 2^level on. */
export interface TreeNode {
  level: number;
  index: number;
}

/**
 * The nodes of a proof: a list for every hash of its path, from left to right. A list of several is the ragged
 * right edge of the tree and folds into one hash.
 */
export type ProofNodes = TreeNode[][];

/** The perfect subtrees a tree consists of, from left to right: what its root is folded of (RFC 6962 §2.1). */
export function rootNodes(size: number): TreeNode[] {
  requireSize(size);
  return perfectSubtrees(0, size);
}

/** Nodes of the proof that a tree has this leaf: PATH(index, D[size]) (RFC 6962 §2.1.1, RFC 9162 §2.1.3.1). */
export function inclusionNodes(index: number, size: number): ProofNodes {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  }
  const path: ProofNodes = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      path.push(perfectSubtrees(middle, to));
      to = middle;
    } else {
      path.push(perfectSubtrees(from, middle));
      from = middle;
    }
  }
  // Walked down from the root; a path begins beside the leaf.
  return path.reverse();
}

/**
 * Nodes of the proof that the tree of `newSize` leaves begins with that of `oldSize`: PROOF(oldSize, D[newSize])
 * (RFC 6962 §2.1.2, RFC 9162 §2.1.4.1). None between equal sizes.
 */
export function consistencyNodes(oldSize: number, newSize: number): ProofNodes {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize === 0 || oldSize > newSize) {
    throw new RangeError(`there is no proof from ${oldSize} to ${newSize} leaves`);
  }
  const path: ProofNodes = [];
  let [from, to] = [0, newSize];
  while (oldSize < to) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      path.push(perfectSubtrees(middle, to));
      to = middle;
    } else {
      path.push(perfectSubtrees(from, middle));
      from = middle;
    }
  }
  // Where the walk ends the old tree ends too. If that is the whole old tree, its root is known to whoever asks.
  if (from > 0) path.push(perfectSubtrees(from, to));
  return path.reverse();
}

/** The proof itself, once its nodes are known. */
export function assemblePath(nodes: ProofNodes, hashOf: (node: TreeNode) => Buffer): Buffer[] {
  return nodes.map((subtrees) => foldRoots(subtrees.map(hashOf)));
}

/** The perfect subtrees of the leaves from … to, where `from` is a multiple of the largest of them. */
function perfectSubtrees(from: number, to: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  let start = from;
  while (start < to) {
    const level = floorLog2(to - start);
    nodes.push({ level, index: start / 2 ** level });
    start += 2 ** level;
  }
  return nodes;
}

/** Where RFC 6962 §2.1 splits n > 1 leaves: the largest power of two smaller than n. */
function largestPowerBelow(n: number): number {
  return 2 ** floorLog2(n - 1);
}

/** Counted, as `Math.log2` rounds 2^48 − 1 up to 48. */
function floorLog2(n: number): number {
  let level = 0;
  while (2 ** (level + 1) <= n) level++;
  return level;
}
