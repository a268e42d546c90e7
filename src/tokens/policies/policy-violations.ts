import { isUnknownScope } from '../../scopes/known-scopes.js';
import { expiryFault, type ExpiryPolicy } from './expiry-policy.js';

/** Policies that a token which exists may not meet, and which it would be refused for if it were issued now. */
export const REFUSING_POLICIES = ['max_token_ttl', 'require_expiry', 'strict_scopes'] as const;
export type RefusingPolicy = (typeof REFUSING_POLICIES)[number];

export interface Violation {
  policy: RefusingPolicy;
  message: string;
}

interface Policies extends ExpiryPolicy {
  strictScopes: boolean;
}

/** What of a token a policy looks at. */
interface Judged {
  expiresAt: Date | null;
  scopes: readonly string[];
}

/**
 * What a token would be refused for if it were issued now, as it is. Pure.
 *
 * @param known names of the workspace's catalogue; only looked at with `strictScopes`.
 */
export function violations(
  token: Judged,
  policies: Policies,
  known: ReadonlySet<string>,
  now: number,
): Violation[] {
  const expiresAt = token.expiresAt?.getTime() ?? null;
  const { maxTokenTtl, requireExpiry, strictScopes } = policies;
  const found: Violation[] = [];
  const tooLong = expiryFault(expiresAt, { maxTokenTtl, requireExpiry: false }, now);
  if (tooLong !== null) found.push({ policy: 'max_token_ttl', message: `expires_at ${tooLong}` });
  const missing = expiryFault(expiresAt, { maxTokenTtl: null, requireExpiry }, now);
  if (missing !== null) found.push({ policy: 'require_expiry', message: `expires_at ${missing}` });
  const unknown = strictScopes ? token.scopes.filter((scope) => isUnknownScope(scope, known)) : [];
  if (unknown.length > 0) {
    found.push({
      policy: 'strict_scopes',
      message: `not scopes of this workspace: ${unknown.join(', ')}`,
    });
  }
  return found;
}
