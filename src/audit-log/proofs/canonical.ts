import canonicalize from 'canonicalize';

/**
 * The one text a JSON value has (RFC 8785): members sorted by their UTF-16 code units, numbers as ECMAScript writes
 * them, no white space. Two parties who hold the same value therefore hash the same bytes.
 *
 * As `JSON.stringify` does, it leaves out members that are undefined.
 *
 * @throws for what has no canonical form: NaN, infinities, big integers, lone surrogates in a text or a member's
 *   name (RFC 8785 §3.2.2.2), circles, and undefined or a function as the whole value.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`${typeof value} is not a JSON value`);
  return text;
}
