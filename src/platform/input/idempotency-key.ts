import type { FastifyRequest } from 'fastify';
import type { Fault } from '../errors/problem.js';
import { fault, NONE } from './faults.js';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
export const MAX_IDEMPOTENCY_KEY = 255;
/** Printable ASCII: what every client can send, and every log of theirs can show. */
export const IDEMPOTENCY_KEY_FORM = /^[\x20-\x7e]{1,255}$/;

const HEADER = 'idempotency-key';

/**
 * What is wrong with the `Idempotency-Key` of a POST (contract §5). With other methods the header says nothing, for
 * these may be repeated as they are.
 */
export function idempotencyKeyFaults({ method, headers, raw }: FastifyRequest): readonly Fault[] {
  if (method !== 'POST' || headers[HEADER] === undefined) return NONE;
  const [key, ...more] = raw.headersDistinct[HEADER] ?? [];
  if (key === undefined) return NONE;
  if (more.length > 0) return fault('must be given once', IDEMPOTENCY_KEY);
  return IDEMPOTENCY_KEY_FORM.test(key)
    ? NONE
    : fault(`must be 1 to ${String(MAX_IDEMPOTENCY_KEY)} printable ASCII characters`, IDEMPOTENCY_KEY);
}

/** The key of a POST that has one; its form was judged before. */
export function idempotencyKeyOf({ method, headers }: FastifyRequest): string | null {
  const key = headers[HEADER];
  return method === 'POST' && typeof key === 'string' ? key : null;
}
