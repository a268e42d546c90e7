import { ApiSchema } from '@nestjs/swagger';
import { Int } from '../platform/input/fields.js';
import type { Token } from './token.entity.js';

/** A year: who wants to limit less often than that wants `max_uses`. */
const MAX_WINDOW_SECONDS = 31_536_000;

@ApiSchema({
  description:
    'How often a token may be found valid: `limit` times in a window. A window begins with the first use after the one before it has ended. So there are never more than `limit` in a window, and never more than 2 × `limit` − 1 in any stretch of `window_seconds`.',
})
export class RateLimitDto {
  /** Uses in a window. */
  @Int({ min: 1, max: 1_000_000_000, example: 100 })
  limit!: number;

  /** Length of a window, in seconds; up to a year. */
  @Int({ min: 1, max: MAX_WINDOW_SECONDS, example: 60 })
  window_seconds!: number;
}

/** As a row keeps it. */
export function rateColumns(
  rate: RateLimitDto | null | undefined,
): Pick<Token, 'rateLimit' | 'rateLimitWindowSeconds'> {
  return { rateLimit: rate?.limit ?? null, rateLimitWindowSeconds: rate?.window_seconds ?? null };
}

/** As an answer or an event shows it. */
export function renderRate({
  rateLimit,
  rateLimitWindowSeconds,
}: Pick<Token, 'rateLimit' | 'rateLimitWindowSeconds'>): RateLimitDto | null {
  return rateLimit === null || rateLimitWindowSeconds === null
    ? null
    : { limit: rateLimit, window_seconds: rateLimitWindowSeconds };
}
