import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.js';

/** Signature type of plain Ed25519 (C2SP signed-note, “Signature types”). */
const ED25519 = Buffer.from([0x01]);
const KEY_BYTES = 32;

/** What DER puts before the 32 bytes of an Ed25519 key (RFC 8410 §4 and §7). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key with the name it signs under. Name and id together say whose signature a line is. */
interface NoteKey {
  name: string;
  /** 32 bits as eight hexadecimal digits. */
  id: string;
  key: KeyObject;
}

/** Signs notes; `key` is private. */
export interface NoteSigner extends NoteKey {
  readonly signs: true;
}

/** Verifies notes; `key` is public. */
export interface NoteVerifier extends NoteKey {
  readonly signs: false;
}

/** A note, a verifier key or a checkpoint that cannot be read, or is not signed as it must be. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/** The private key of RFC 8032 §5.1.5 with this seed. */
export function signingKeyFromSeed(seed: Buffer): KeyObject {
  if (seed.length !== KEY_BYTES) throw new RangeError(`a seed has ${KEY_BYTES} bytes, not ${seed.length}`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes of RFC 8032 §5.1.5 of a public key, or of the public half of a private one. */
export function publicKeyBytes(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

export function noteSigner(name: string, key: KeyObject): NoteSigner {
  if (key.type !== 'private') throw new TypeError('signing takes a private key');
  return { name: requireKeyName(name), id: keyId(name, publicKeyBytes(key)), key, signs: true };
}

/** Key id: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), its first four bytes (C2SP signed-note, “Ed25519 signatures”). */
export function keyId(name: string, publicKey: Buffer): string {
  const whole = Buffer.concat([Buffer.from(`${name}\n`), ED25519, publicKey]);
  return hash('sha256', whole, 'hex').slice(0, 8);
}

/** The public key as text to hand out: name+id+base64(0x01 ‖ key) (C2SP signed-note, “Verifier keys”). */
export function verifierKey(name: string, publicKey: Buffer): string {
  requireKeyName(name);
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`a public key has ${KEY_BYTES} bytes`);
  return `${name}+${keyId(name, publicKey)}+${Buffer.concat([ED25519, publicKey]).toString('base64')}`;
}

/** Reads what `verifierKey` writes. The base64 may itself contain a plus, the name cannot. */
export function parseVerifierKey(text: string): NoteVerifier {
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? [];
  const typed = base64 === undefined ? null : decodeBase64(base64);
  if (name === undefined || id === undefined || typed === null || !isKeyName(name)) {
    throw new NoteError('malformed verifier key');
  }
  if (!typed.subarray(0, 1).equals(ED25519)) throw new NoteError('the verifier key is not of type Ed25519');
  const bytes = typed.subarray(1);
  if (bytes.length !== KEY_BYTES) throw new NoteError('malformed verifier key');
  if (keyId(name, bytes) !== id) throw new NoteError('the verifier key’s id is not that of its name and key');
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
  return { name, id, key, signs: false };
}

/** Not empty, well-formed, neither spaces nor plus (C2SP signed-note, “Format”), nor control characters. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}+\u0000-\u001f]+$/u.test(name) && name.isWellFormed();
}

function requireKeyName(name: string): string {
  if (!isKeyName(name)) throw new NoteError(`“${name}” cannot be the name of a key`);
  return name;
}
