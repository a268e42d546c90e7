import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '../errors/problem.js';

const TAG_BYTES = 16;

/** Makes and reads the opaque places in a list from which the next page continues. */
export interface Cursors {
  /**
   * `position` are the sort keys of the last row shown. `filters` is everything that decides which rows the
   * list holds and in which order: which list it is, its workspace and environment, its filters and its order.
   * Not the limit, which may change from page to page.
   */
  encode(position: readonly string[], filters: unknown): string;
  /** The position, or the 400 for a cursor that was not made by `encode` for these very filters. */
  decode(cursor: string, filters: unknown): string[];
}

/**
 * A cursor is its position and a truncated HMAC-SHA-256 over position and filters. The position is no secret,
 * but a caller must not choose it: with other filters it would silently skip rows instead of failing.
 */
export function makeCursors(key: Buffer): Cursors {
  const tagOf = (position: string, filters: unknown): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify(['tooken:cursor:v1', position, canonical(filters)]))
      .digest()
      .subarray(0, TAG_BYTES);

  return {
    encode(position, filters) {
      const text = JSON.stringify(position);
      return Buffer.concat([tagOf(text, filters), Buffer.from(text)]).toString('base64url');
    },

    decode(cursor, filters) {
      const bytes = Buffer.from(cursor, 'base64url');
      const text = bytes.toString('utf8', TAG_BYTES);
      const isOurs =
        bytes.length > TAG_BYTES &&
        // The last character has spare bits and Node skips what is no base64url: several texts, one meaning.
        bytes.toString('base64url') === cursor &&
        timingSafeEqual(bytes.subarray(0, TAG_BYTES), tagOf(text, filters));
      if (!isOurs) throw Problem.invalid([{ field: 'cursor', message: 'is not a cursor of this list' }]);
      return JSON.parse(text) as string[];
    },
  };
}

/** Filters as a value whose JSON does not depend on the order of keys; an absent one equals an undefined one. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => [key, canonical(member)]);
}
