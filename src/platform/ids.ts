import { randomBytes } from 'node:crypto';

/** What a handle can name, by its prefix (contract §2). No secret ever starts with one of these. */
export const HANDLE_PREFIXES = [
  'ws',
  'key',
  'token',
  'evt',
  'usr',
  'req',
  'wh',
  'whd',
  'ses',
  'inv',
  'passkey',
] as const;
export type HandlePrefix = (typeof HANDLE_PREFIXES)[number];

/** Crockford's base32 in lower case, as TypeID uses it: order of text is order of value. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

let pool = Buffer.alloc(0);
let taken = 0;
/** Ten random bytes from a pool: one system call for 400 handles. */
function tenRandomBytes(): Buffer {
  if (taken + 10 > pool.length) {
    pool = randomBytes(4000);
    taken = 0;
  }
  taken += 10;
  return pool.subarray(taken - 10, taken);
}

let lastMs = -1;
let counter = 0;

/**
 * A new public handle: the prefix, `_`, and a UUIDv7 (RFC 9562 §5.7) in TypeID's base32.
 * Handles made by one process in one millisecond keep their order, so that a list sorted by handle is
 * sorted by time.
 *
 * @param at Unix time in milliseconds, the first 48 bits of the UUID.
 */
export function newHandle(prefix: HandlePrefix, at: number): string {
  if (at !== lastMs) {
    lastMs = at;
    counter = 0;
  } else if (counter < 0xfff) counter += 1;
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.set(tenRandomBytes().subarray(0, 8), 8);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `${prefix}_${encode(bytes)}`;
}

/**
 * The smallest suffix a handle made at or after `at` can have. A time range of a list is thus a range of its
 * keys, served by the same index.
 */
export function firstHandleAt(prefix: HandlePrefix, at: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.min(Math.max(at, 0), 2 ** 48 - 1), 0, 6);
  return `${prefix}_${encode(bytes)}`;
}

/** When a handle was made, in Unix milliseconds: its first ten characters are two zero bits and the UUID's time. */
export function timeOfHandle(handle: string): number {
  const suffix = handle.slice(handle.indexOf('_') + 1);
  return [...suffix.slice(0, 10)].reduce((time, digit) => time * 32 + ALPHABET.indexOf(digit), 0);
}

/** Whether the text has the form of a handle of this kind; says nothing of its existence. */
export function isHandle(prefix: HandlePrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text.slice(prefix.length + 1));
}

/** 128 bits as 26 characters: two zero bits, then five bits a character, highest first. */
function encode(bytes: Buffer): string {
  let out = '';
  let bits = 2;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET.charAt((value >>> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return out;
}
