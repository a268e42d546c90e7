/** What a workspace says of the expiry of its tokens. */
export interface ExpiryPolicy {
  /** Seconds; null = no maximum. */
  maxTokenTtl: number | null;
  requireExpiry: boolean;
}

/**
 * What a policy has against an expiry that was asked for, as words for a field of a body; null = nothing. Pure.
 *
 * @param expiresAt Unix milliseconds; null = never.
 */
export function expiryFault(expiresAt: number | null, policy: ExpiryPolicy, now: number): string | null {
  const { maxTokenTtl: max, requireExpiry } = policy;
  if (expiresAt === null) {
    if (requireExpiry) return 'is required by this workspace (require_expiry)';
    return max === null ? null : `must not be null, as tokens live up to ${max} seconds (max_token_ttl)`;
  }
  return max !== null && expiresAt > now + max * 1000
    ? `must be at most ${max} seconds from now (max_token_ttl)`
    : null;
}

/**
 * The expiry of a token for which none was asked: what it inherits, but no later than the maximum. Pure.
 *
 * @param inherited Unix milliseconds; null = nothing to inherit.
 * @returns null = never, which {@link expiryFault} has yet to admit.
 */
export function impliedExpiry(inherited: number | null, policy: ExpiryPolicy, now: number): number | null {
  const { maxTokenTtl: max, requireExpiry } = policy;
  if (inherited === null && requireExpiry) return null;
  const ends = [inherited, max === null ? null : now + max * 1000].filter((end) => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}
