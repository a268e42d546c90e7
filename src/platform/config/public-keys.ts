import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Public keys by their ids. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/**
 * The keys of a document such as `{"public_keys":[{"key_identifier":"…","key":"-----BEGIN PUBLIC KEY-----…"}]}`;
 * undefined if it is none, or holds a key that is not on the curve P-256.
 */
export function parsePublicKeys(text: string): PublicKeys | undefined {
  try {
    const { public_keys: listed } = JSON.parse(text) as {
      public_keys: { key_identifier: unknown; key: unknown }[];
    };
    const keys = listed.map(({ key_identifier: id, key }): [string, KeyObject] => [
      String(id),
      createPublicKey(String(key)),
    ]);
    const areP256 = keys.every(([, key]) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1');
    return keys.length > 0 && areP256 ? new Map(keys) : undefined;
  } catch {
    return undefined;
  }
}

/** `fetch`, or the keys themselves: the document, or the path of a file that holds it. */
export function readPublicKeys(value: string): 'fetch' | PublicKeys | undefined {
  if (value === 'fetch') return value;
  if (value.startsWith('{')) return parsePublicKeys(value);
  try {
    return parsePublicKeys(readFileSync(value, 'utf8'));
  } catch {
    return undefined;
  }
}
