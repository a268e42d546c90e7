import { HASH_BYTES, nodeHash } from './merkle.js';

/** What shows that a tree has a leaf. Hashes are 32 bytes; the path begins beside the leaf. */
export interface InclusionProof {
  leafHash: Buffer;
  index: number;
  size: number;
  root: Buffer;
  path: readonly Buffer[];
}

/** What shows that a tree begins with an older one, so that nothing of it was changed or taken away. */
export interface ConsistencyProof {
  oldSize: number;
  oldRoot: Buffer;
  newSize: number;
  newRoot: Buffer;
  path: readonly Buffer[];
}

/** Judges an inclusion proof as RFC 9162 §2.1.3.2 says; false for whatever is malformed, too. */
export function verifyInclusion({ leafHash, index, size, root, path }: InclusionProof): boolean {
  if (!isSize(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  if (![leafHash, root, ...path].every(isHash)) return false;
  const walk = new Walk(index, size - 1);
  let hash = leafHash;
  for (const sibling of path) {
    if (walk.last === 0) return false;
    hash = walk.siblingIsLeft() ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    walk.rise();
  }
  return walk.last === 0 && hash.equals(root);
}

/**
 * Judges a consistency proof as RFC 9162 §2.1.4.2 says; false for whatever is malformed, too. Equal trees are
 * consistent by an empty path. The empty tree is the beginning of every other: there is nothing to prove, and a
 * proof from it is refused.
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, path }: ConsistencyProof): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (![oldRoot, newRoot, ...path].every(isHash)) return false;
  if (oldSize === newSize) return path.length === 0 && oldRoot.equals(newRoot);
  const walk = new Walk(oldSize - 1, newSize - 1);
  walk.skipRightEdges();
  // A perfect old tree is a node of the new one, and its root stands for the path's first hash.
  const [start, ...rest] = walk.node === 0 ? [oldRoot, ...path] : path;
  if (start === undefined) return false;
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (walk.last === 0) return false;
    if (walk.siblingIsLeft()) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
    } else {
      newer = nodeHash(newer, sibling);
    }
    walk.rise();
  }
  return walk.last === 0 && older.equals(oldRoot) && newer.equals(newRoot);
}

/** The way from a node up to the root: `fn` and `sn` of RFC 9162, without bit operators, which stop at 32 bits. */
class Walk {
  constructor(
    /** Index of the node in its level. */
    public node: number,
    /** Index of the last node of that level. */
    public last: number,
  ) {}

  /** Right children have it; so has the last node of a level, whose next sibling up is where the tree is ragged. */
  siblingIsLeft(): boolean {
    return isOdd(this.node) || this.node === this.last;
  }

  /** One level up, or, from a last node without a right sibling, as many as its subtree is missing. */
  rise(): void {
    if (this.node === this.last) while (!isOdd(this.node) && this.node !== 0) this.halve();
    this.halve();
  }

  /** Up to the largest perfect subtree that ends with this leaf. */
  skipRightEdges(): void {
    while (isOdd(this.node)) this.halve();
  }

  private halve(): void {
    this.node = Math.floor(this.node / 2);
    this.last = Math.floor(this.last / 2);
  }
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size > 0;
}

function isHash(hash: Buffer): boolean {
  return Buffer.isBuffer(hash) && hash.length === HASH_BYTES;
}
