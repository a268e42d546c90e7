/** Oid of `text`. */
const TEXT = 25;
const LENGTH_BYTES = 4;
/** Of UTF-8, for one unit of a JavaScript string. */
const MOST_BYTES = 3;

let scratch = Buffer.allocUnsafe(64 * 1024);

/**
 * A `text[]` as PostgreSQL reads it without parsing (arrayfuncs.c, `array_recv`): dimensions, whether there may be nulls,
 * type, length and first subscript; then of each text the length, which is −1 for null, and the bytes.
 */
export function packTexts(texts: readonly (string | null)[]): Buffer {
  let end = 0;
  const writeInt = (value: number): void => {
    end = scratch.writeInt32BE(value, end);
  };
  for (const value of texts.length === 0 ? [0, 0, TEXT] : [1, 1, TEXT, texts.length, 1]) writeInt(value);
  for (const text of texts) {
    makeRoom(end + LENGTH_BYTES + (text?.length ?? 0) * MOST_BYTES);
    const bytes = text === null ? -1 : scratch.write(text, end + LENGTH_BYTES);
    writeInt(bytes);
    end += Math.max(bytes, 0);
  }
  return Buffer.from(scratch.subarray(0, end));
}

function makeRoom(bytes: number): void {
  if (bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(bytes * 2);
  scratch.copy(larger);
  scratch = larger;
}
