/** The format of secrets (contract §2), written a second time and differently, so that the product's is checked. */

const ALPHABET = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];

/** CRC-32 (IEEE 802.3), bit by bit with the reflected polynomial. */
export function crc32(text: string): number {
  let remainder = 0xffffffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  return ~remainder >>> 0;
}

/** The number's digits to the base of 62, left-padded with `0` to six. */
export function base62(value: number): string {
  const digits = [5, 4, 3, 2, 1, 0].map((place) => ALPHABET[Math.floor(value / 62 ** place) % 62]);
  return digits.join('');
}

/** Appends the checksum to everything before it: any well-formed secret can be made so. */
export function withChecksum(body: string): string {
  return body + base62(crc32(body));
}

/** A well-formed value that was never issued. */
export function unissued(prefix = 'tok', environment = 'live'): string {
  const random = Array.from({ length: 30 }, () => ALPHABET[Math.floor(Math.random() * 62)]).join('');
  return withChecksum(`${prefix}_${environment}_${random}`);
}

/** The same value with another last character: well-formed but for its checksum. */
export function mistyped(secret: string): string {
  return secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A');
}
