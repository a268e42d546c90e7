import { useMemo } from 'react';

/**
 * For what is sent: the same as long as that is the same. Who presses the button again because no answer came gets the
 * answer of the first time, secret included, instead of a second token.
 */
export function useIdempotencyKey(body: unknown): string {
  const text = JSON.stringify(body);
  return useMemo(() => newKey(text), [text]);
}

/** What `Idempotency-Key` takes, as openapi-fetch wants it. */
export function once(key: string): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key };
}

/** @param _text only says when a new one is due. */
function newKey(_text: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
