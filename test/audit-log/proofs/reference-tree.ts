import { createHash } from 'node:crypto';

/**
 * The definitions of RFC 6962 §2.1 word for word: recursive and slow, and written without the product's own code,
 * so that it can be held against them.
 */
export class ReferenceTree {
  private readonly known = new Map<number, Buffer>();

  /** @param leaves the leaves' data, not their hashes. */
  constructor(private readonly leaves: readonly Buffer[]) {}

  /** MTH(D[from:to]) (§2.1). */
  mth(from: number, to: number): Buffer {
    const key = from * (this.leaves.length + 1) + to;
    const known = this.known.get(key) ?? this.hash(from, to);
    this.known.set(key, known);
    return known;
  }

  root(size: number): Buffer {
    return this.mth(0, size);
  }

  /** PATH(m, D[from:to]) (§2.1.1). */
  path(m: number, to: number, from = 0): Buffer[] {
    const n = to - from;
    if (n === 1) return [];
    const middle = from + split(n);
    return m < middle - from
      ? [...this.path(m, middle, from), this.mth(middle, to)]
      : [...this.path(m - (middle - from), to, middle), this.mth(from, middle)];
  }

  /** PROOF(m, D[n]) (§2.1.2). */
  proof(m: number, n: number): Buffer[] {
    return this.subproof(m, 0, n, true);
  }

  private subproof(m: number, from: number, to: number, known: boolean): Buffer[] {
    const n = to - from;
    if (m === n) return known ? [] : [this.mth(from, to)];
    const k = split(n);
    return m <= k
      ? [...this.subproof(m, from, from + k, known), this.mth(from + k, to)]
      : [...this.subproof(m - k, from + k, to, false), this.mth(from, from + k)];
  }

  private hash(from: number, to: number): Buffer {
    const n = to - from;
    if (n === 0) return sha256();
    if (n === 1) return sha256([0x00], this.leaves[from]!);
    const middle = from + split(n);
    return sha256([0x01], this.mth(from, middle), this.mth(middle, to));
  }
}

/** A tree of so many different leaves. */
export function treeOf(size: number): ReferenceTree {
  return new ReferenceTree(leavesOf(size));
}

export function leavesOf(size: number): Buffer[] {
  return Array.from({ length: size }, (_, i) => leafOf(i));
}

export function leafOf(index: number): Buffer {
  return Buffer.from(`leaf ${index}`);
}

/**
 * On which side the hashes of PATH(m, D[n]) stand. A proof of one index and size is one of another, too, when both
 * have this in common: a size is only as sure as the checkpoint that names it.
 */
export function pathShape(m: number, n: number): string {
  if (n === 1) return '';
  const k = split(n);
  return m < k ? `${pathShape(m, k)}r` : `${pathShape(m - k, n - k)}l`;
}

/** The same of PROOF(m, D[n]). */
export function proofShape(m: number, n: number, known = true): string {
  if (m === n) return known ? 'o' : 'x';
  const k = split(n);
  return m <= k ? `${proofShape(m, k, known)}r` : `${proofShape(m - k, n - k, false)}l`;
}

/** k, “the largest power of two smaller than n”. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function sha256(...parts: (Buffer | number[])[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(Buffer.from(part));
  return hash.digest();
}
