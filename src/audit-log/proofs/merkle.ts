import { hash } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** 0x01 and two hashes. Hashing is synchronous, so one buffer serves every call. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** Hash of one leaf (RFC 6962 §2.1, RFC 9162 §2.1.1): SHA-256(0x00 ‖ data). Text counts as its UTF-8 bytes. */
export function leafHash(data: Buffer | string): Buffer {
  // U+0000 is the byte 0x00 in UTF-8, which saves text a detour through a buffer.
  if (typeof data === 'string') return hash('sha256', `\0${data}`, 'buffer');
  const prefixed = Buffer.allocUnsafe(1 + data.length);
  prefixed[0] = 0;
  prefixed.set(data, 1);
  return hash('sha256', prefixed, 'buffer');
}

/** Hash of an inner node (RFC 6962 §2.1, RFC 9162 §2.1.1): SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('not two hashes');
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash('sha256', pair, 'buffer');
}

/** Root of the tree without leaves (RFC 6962 §2.1, RFC 9162 §2.1.1): SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return hash('sha256', '', 'buffer');
}

/**
 * Root of neighbouring perfect subtrees, from left to right, each smaller than the one before: the right side of
 * every split of RFC 6962 §2.1 is what remains after the largest power of two.
 */
export function foldRoots(roots: readonly Buffer[]): Buffer {
  let root = roots.at(-1);
  if (root === undefined) return emptyRoot();
  for (let i = roots.length - 2; i >= 0; i--) root = nodeHash(roots[i]!, root);
  return root;
}

/** Root of a perfect subtree from the hashes of one of its levels, concatenated: a power of two of them. */
export function perfectRoot(hashes: Buffer): Buffer {
  let level = splitHashes(hashes);
  if (level.length === 0 || !Number.isInteger(Math.log2(level.length))) {
    throw new RangeError(`${level.length} hashes do not make a perfect subtree`);
  }
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) => nodeHash(level[2 * i]!, level[2 * i + 1]!));
  }
  return level[0]!;
}

/** The hashes of a concatenation, as views into it. */
export function splitHashes(hashes: Buffer): Buffer[] {
  if (hashes.length % HASH_BYTES !== 0) throw new RangeError(`${hashes.length} bytes are no hashes`);
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, i) =>
    hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

/**
 * A tree reduced to what it takes to grow (a compact range from 0): the roots of its perfect subtrees, from left to
 * right, one for every bit set in its size. Appending costs two hashes a leaf in the long run, and no reading.
 */
export class Frontier {
  private constructor(
    private leaves: number,
    private readonly roots: Buffer[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** Takes up again what `toBuffer` gave for a tree of this size. */
  static from(size: number, hashes: Buffer): Frontier {
    const roots = splitHashes(Buffer.from(hashes));
    if (roots.length !== frontierLength(size)) {
      throw new RangeError(`${roots.length} hashes cannot be the frontier of ${size} leaves`);
    }
    return new Frontier(size, roots);
  }

  get size(): number {
    return this.leaves;
  }

  append(leaf: Buffer): void {
    if (leaf.length !== HASH_BYTES) throw new RangeError('a leaf is appended by its hash');
    let node = leaf;
    // Every trailing 1 of the size is a perfect subtree that this leaf completes to one of twice its size.
    for (let rest = this.leaves; rest % 2 === 1; rest = (rest - 1) / 2) {
      node = nodeHash(this.roots.pop()!, node);
    }
    this.roots.push(node);
    this.leaves++;
  }

  /** Merkle tree hash of all leaves so far (RFC 6962 §2.1). */
  root(): Buffer {
    return foldRoots(this.roots);
  }

  /** Its hashes, concatenated; how many they are follows from the size. */
  toBuffer(): Buffer {
    return Buffer.concat(this.roots);
  }
}

/** How many hashes the frontier of a tree has: the bits set in its size. */
export function frontierLength(size: number): number {
  requireSize(size);
  let bits = 0;
  // No bit operators: they stop at 32 bits.
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

/** Refuses what cannot be a number of leaves: only integers up to 2^53 − 1 are exact here. */
export function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is not the size of a tree`);
}
