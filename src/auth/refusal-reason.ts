import { mayCallFrom } from '../credentials/calling-address.js';
import type { CredentialFacts } from '../credentials/credential-facts.js';
import { isRotatedOut, verdict, type VerdictCode } from '../verification/verdict.js';

const TOKEN_REASONS: Record<VerdictCode, string | null> = {
  valid: null,
  revoked: 'revoked_token',
  disabled: 'disabled_token',
  expired: 'expired_token',
  not_yet_valid: 'not_yet_valid',
  ip_not_allowed: 'ip_not_allowed',
  insufficient_scope: 'insufficient_scope',
  exhausted: 'exhausted',
};

/**
 * Why a known credential is none (contract §3, §6), or null if it is one. Pure.
 *
 * @param ip of the caller: in the ranges of the workspace, if it has any, and of the token and its ancestors.
 * @param userName of HTTP Basic: empty or the workspace's slug.
 * @param now Unix milliseconds; at `expires_at` it is over.
 */
export function refusalReason(
  credential: CredentialFacts,
  userName: string | null,
  ip: string,
  now: number,
): string | null {
  const reason =
    credential.kind === 'api_key' ? keyReason(credential, now) : tokenReason(credential, ip, now);
  if (reason !== null) return reason;
  if (userName !== null && userName !== '' && userName !== credential.workspace.slug)
    return 'unknown_credential';
  return mayCallFrom(credential.workspace, ip) ? null : 'ip_not_allowed';
}

function keyReason(key: CredentialFacts, now: number): string | null {
  if (key.endedReason === 'regenerated') return 'regenerated_key';
  if (key.endedAt !== null) return 'deleted_key';
  if (key.expiresAt !== null && key.expiresAt <= now) return 'expired_key';
  return null;
}

function tokenReason(
  token: Extract<CredentialFacts, { kind: 'token' }>,
  ip: string,
  now: number,
): string | null {
  const { code } = verdict(token.chain, { scopes: [], clientIp: ip }, token, now);
  return code === 'expired' && isRotatedOut(token, now) ? 'rotated_value' : TOKEN_REASONS[code];
}
