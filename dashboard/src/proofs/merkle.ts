export type Bytes = Uint8Array<ArrayBuffer>;

/** SHA-256, by the browser itself. */
export async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

/** RFC 6962 §2.1: SHA-256(0x00 ‖ leaf). */
export function leafHash(leaf: string): Promise<Bytes> {
  return sha256(Uint8Array.of(0), new TextEncoder().encode(leaf));
}

function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(Uint8Array.of(1), left, right);
}

/** The root that a leaf and its path lead to (RFC 9162 §2.1.3.2); null when the path does not fit the tree. */
export async function rootOf(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (!Number.isSafeInteger(size) || index < 0 || index >= size) return null;
  const walk = new Walk(index, size - 1);
  let hash = leaf;
  for (const sibling of path) {
    if (walk.last === 0) return null;
    hash = await (walk.siblingIsLeft() ? nodeHash(sibling, hash) : nodeHash(hash, sibling));
    walk.rise();
  }
  return walk.last === 0 ? hash : null;
}

/** The old and new roots that a consistency path leads to (RFC 9162 §2.1.4.2); null when it does not fit. */
export async function consistentRoots(
  oldSize: number,
  oldRoot: Bytes,
  newSize: number,
  path: readonly Bytes[],
): Promise<{ older: Bytes; newer: Bytes } | null> {
  if (oldSize < 1 || oldSize > newSize) return null;
  if (oldSize === newSize) return path.length === 0 ? { older: oldRoot, newer: oldRoot } : null;
  const walk = new Walk(oldSize - 1, newSize - 1);
  walk.skipRightEdges();
  const [start, ...rest] = walk.node === 0 ? [oldRoot, ...path] : path;
  if (start === undefined) return null;
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (walk.last === 0) return null;
    if (walk.siblingIsLeft()) {
      older = await nodeHash(sibling, older);
      newer = await nodeHash(sibling, newer);
    } else {
      newer = await nodeHash(newer, sibling);
    }
    walk.rise();
  }
  return walk.last === 0 ? { older, newer } : null;
}

/** The way from a node up to the root: `fn` and `sn` of RFC 9162, without bit operators, which stop at 32 bits. */
class Walk {
  constructor(
    public node: number,
    public last: number,
  ) {}

  siblingIsLeft(): boolean {
    return this.node % 2 === 1 || this.node === this.last;
  }

  rise(): void {
    if (this.node === this.last) while (this.node % 2 === 0 && this.node !== 0) this.halve();
    this.halve();
  }

  skipRightEdges(): void {
    while (this.node % 2 === 1) this.halve();
  }

  private halve(): void {
    this.node = Math.floor(this.node / 2);
    this.last = Math.floor(this.last / 2);
  }
}
