import { sha256, type Bytes } from './merkle.ts';

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

const ED25519 = 1;

/** Base64 in its one strict form, or null. */
export function fromBase64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

export function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

export function same(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/**
 * Opens a C2SP signed note that is a checkpoint, with a C2SP verifier key.
 *
 * @throws an Error that says what is wrong with it.
 */
export async function openCheckpoint(note: string, verifierKey: string): Promise<Checkpoint> {
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0 || !note.endsWith('\n')) throw new Error('The checkpoint is not a signed note');
  const text = note.slice(0, blank + 1);
  const { name, id, key } = await readVerifierKey(verifierKey);
  const signature = signaturesOf(note.slice(blank + 2, -1)).find(
    (line) => line.name === name && same(line.id, id),
  );
  if (signature === undefined) throw new Error('The checkpoint is not signed by this log’s key');
  const signed = new TextEncoder().encode(text);
  if (!(await crypto.subtle.verify('Ed25519', key, signature.bytes, signed))) {
    throw new Error('The signature of the checkpoint is wrong');
  }
  return readCheckpoint(text, name);
}

async function readVerifierKey(text: string): Promise<{ name: string; id: Bytes; key: CryptoKey }> {
  const [, name, hexId, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const typed = base64 === undefined ? null : fromBase64(base64);
  if (name === undefined || hexId === undefined || typed?.length !== 33 || typed[0] !== ED25519) {
    throw new Error('The public key is not an Ed25519 verifier key');
  }
  const whole = await sha256(new TextEncoder().encode(`${name}\n`), typed);
  const id = whole.slice(0, 4);
  const asHex = [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (asHex !== hexId) throw new Error('The public key’s id is not that of its name and key');
  const key = await crypto.subtle.importKey('raw', typed.slice(1), 'Ed25519', false, ['verify']);
  return { name, id, key };
}

function signaturesOf(lines: string): { name: string; id: Bytes; bytes: Bytes }[] {
  return lines.split('\n').map((line) => {
    const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
    const bytes = base64 === undefined ? null : fromBase64(base64);
    if (name === undefined || bytes === null || bytes.length <= 4) {
      throw new Error('A signature of the checkpoint cannot be read');
    }
    return { name, id: bytes.slice(0, 4), bytes: bytes.slice(4) };
  });
}

function readCheckpoint(text: string, name: string): Checkpoint {
  const [origin, size, base64] = text.split('\n');
  const root = base64 === undefined ? null : fromBase64(base64);
  if (origin !== name || size === undefined || !/^(?:0|[1-9]\d*)$/.test(size) || root?.length !== 32) {
    throw new Error('The checkpoint cannot be read, or is another log’s');
  }
  return { origin, size: Number(size), root };
}
