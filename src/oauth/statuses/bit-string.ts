import { deflateSync } from 'node:zlib';

/**
 * A Token Status List's `lst` (draft-ietf-oauth-status-list §4): one bit a place, the least significant of a byte
 * first, compressed with zlib, in base64url. Pure.
 *
 * @param size how many places there are, a multiple of 8.
 * @param set the places whose bit is 1: invalid.
 */
export function bitString(size: number, set: Iterable<number>): string {
  const bytes = Buffer.alloc(size / 8);
  for (const at of set) bytes[at >> 3]! |= 1 << (at & 7);
  return deflateSync(bytes, { level: 9 }).toString('base64url');
}
