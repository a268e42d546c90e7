/**
 * Decodes standard base64 (RFC 4648 §4) with its padding, and nothing else: `Buffer.from` skips what it does not
 * know, so two texts would stand for the same bytes.
 *
 * @returns null for any other text.
 */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
