import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '../errors/problem.js';

const TAG_BYTES = 16;

/**
 * Makes and reads cursors: the opaque places in a list from which the next page continues (contract §2).
 *
 * A cursor is its position and a truncated HMAC-SHA-256 over position and filters. The position is no secret,
 * but a caller must not choose it: with other filters it would silently skip rows instead of failing.
 */
export class Cursors {
  constructor(private readonly key: Buffer) {}

  /**
   * `position` are the sort keys of the last row shown. `filters` is everything that decides which rows the
   * list holds and in which order: which list it is, its workspace and environment, its filters and its order.
   * Not the limit, which may change from page to page.
   */
  encode(position: readonly string[], filters: unknown): string {
    const text = JSON.stringify(position);
    return Buffer.concat([this.tagOf(text, filters), Buffer.from(text)]).toString('base64url');
  }

  /** The position, or the 400 for a cursor that was not made by `encode` for these very filters. */
  decode(cursor: string, filters: unknown): string[] {
    const bytes = Buffer.from(cursor, 'base64url');
    const text = bytes.toString('utf8', TAG_BYTES);
    const isOurs =
      bytes.length > TAG_BYTES &&
      // Node skips what is no base64url, and the last character has spare bits: many texts, one meaning.
      bytes.toString('base64url') === cursor &&
      timingSafeEqual(bytes.subarray(0, TAG_BYTES), this.tagOf(text, filters));
    if (!isOurs) throw Problem.invalid([{ field: 'cursor', message: 'is not a cursor of this list' }]);
    return JSON.parse(text) as string[];
  }

  private tagOf(position: string, filters: unknown): Buffer {
    const signed = JSON.stringify(['tooken:cursor:v1', position, canonical(filters)]);
    return createHmac('sha256', this.key).update(signed).digest().subarray(0, TAG_BYTES);
  }
}

/** The filters with their keys in order; JSON.stringify then leaves out what is undefined. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, canonical(member)]));
}
