import {
  isDisabled,
  isExhausted,
  isExpired,
  isPending,
  isRevoked,
  type TokenChain,
} from '../credentials/token-facts.js';

/** In the order they are decided in; `active` when none of the others holds (contract §5). */
export const TOKEN_STATUSES = ['revoked', 'disabled', 'expired', 'pending', 'exhausted', 'active'] as const;
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

/**
 * The status shown of a token: the first that holds of it or of one of its ancestors. Ancestors count because
 * they count at every use: a token shown as active must not be refused for its state.
 */
export function tokenStatus(chain: TokenChain, now: number): TokenStatus {
  if (isRevoked(chain)) return 'revoked';
  if (isDisabled(chain)) return 'disabled';
  if (isExpired(chain, now)) return 'expired';
  if (isPending(chain, now)) return 'pending';
  if (isExhausted(chain)) return 'exhausted';
  return 'active';
}
