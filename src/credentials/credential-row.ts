import type { Environment, SecretKind } from '../platform/secrets/secret.js';
import type { EndedReason } from './credential-secret.entity.js';
import type {
  ApiKeyCredential,
  CredentialFacts,
  ReusePolicy,
  TokenCredential,
  WorkspaceFacts,
} from './credential-facts.js';
import type { TokenFacts } from './token-facts.js';
import type { TokenLimits } from './token-limits.js';

/** What every decision needs to know of a workspace `w`, wherever a caller is looked up. */
export const WORKSPACE_COLUMNS = `
  w.id as workspace_id, w.name as workspace_name, w.slug as workspace_slug, w.operator, w.strict_scopes, w.reuse_policy,
  w.max_token_ttl, w.require_expiry, w.default_prefix, w.allowed_management_ips, w.has_imports`;

/** The same as the driver returns it. */
export interface WorkspaceRow {
  workspace_id: string;
  workspace_name: string;
  workspace_slug: string;
  operator: boolean;
  strict_scopes: boolean;
  reuse_policy: ReusePolicy;
  max_token_ttl: number | null;
  require_expiry: boolean;
  default_prefix: string | null;
  allowed_management_ips: string[] | null;
  has_imports: boolean;
}

/** A row of the look-up as the driver returns it: 64-bit integers as text, times as Unix milliseconds. */
export interface CredentialRow extends WorkspaceRow {
  hash: string;
  kind: SecretKind;
  environment: Environment;
  owner_id: string;
  hint: string;
  ended_reason: EndedReason | null;
  valid_until: number | null;
  ended_at: number | null;
  name: string;
  expires_at: number | null;
  subject: string | null;
  metadata: Record<string, unknown> | null;
  scopes: string[] | null;
  enabled: boolean | null;
  lineage: string[] | null;
  allowed_ips: string[] | null;
  not_before: number | null;
  revoked_at: number | null;
  limits: TokenLimits | null;
  ancestors: TokenFacts[] | null;
}

/**
 * The row in the words of the decision. One plain literal a kind: an object put together by spreading others takes
 * a hundred times as long to make, and one is made for every secret presented.
 */
export function toCredential(row: CredentialRow): CredentialFacts {
  return row.kind === 'api_key' ? toApiKey(row) : toToken(row);
}

function toApiKey(row: CredentialRow): ApiKeyCredential {
  return {
    kind: 'api_key',
    hash: row.hash,
    environment: row.environment,
    workspace: toWorkspace(row),
    id: row.owner_id,
    name: row.name,
    hint: row.hint,
    validUntil: row.valid_until,
    endedAt: row.ended_at,
    endedReason: row.ended_reason,
    expiresAt: row.expires_at,
  };
}

function toToken(row: CredentialRow): TokenCredential {
  const facts: TokenFacts = {
    revokedAt: row.revoked_at,
    enabled: row.enabled === true,
    notBefore: row.not_before,
    expiresAt: row.expires_at,
    allowedIps: row.allowed_ips,
    scopes: row.scopes ?? [],
    limits: row.limits,
  };
  return {
    kind: 'token',
    hash: row.hash,
    environment: row.environment,
    workspace: toWorkspace(row),
    id: row.owner_id,
    name: row.name,
    hint: row.hint,
    validUntil: row.valid_until,
    endedAt: row.ended_at,
    endedReason: row.ended_reason,
    expiresAt: row.expires_at,
    subject: row.subject,
    metadata: row.metadata ?? {},
    lineage: row.lineage ?? [],
    chain: [facts, ...(row.ancestors ?? [])],
  };
}

export function toWorkspace(row: WorkspaceRow): WorkspaceFacts {
  return {
    id: row.workspace_id,
    name: row.workspace_name,
    slug: row.workspace_slug,
    operator: row.operator,
    strictScopes: row.strict_scopes,
    reusePolicy: row.reuse_policy,
    maxTokenTtl: row.max_token_ttl,
    requireExpiry: row.require_expiry,
    defaultPrefix: row.default_prefix,
    allowedManagementIps: row.allowed_management_ips,
    hasImports: row.has_imports,
  };
}
