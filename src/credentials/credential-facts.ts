import type { Environment } from '../platform/secrets/secret.js';
import type { EndedReason } from './credential-secret.entity.js';
import type { Role } from './role.js';
import type { TokenChain } from './token-facts.js';

/** `alert`: the event tells it, and no more. `revoke`: the token is revoked, with its descendants. */
export const REUSE_POLICIES = ['alert', 'revoke'] as const;
export type ReusePolicy = (typeof REUSE_POLICIES)[number];

/** The workspace a credential belongs to, as every decision needs it. */
export interface WorkspaceFacts {
  id: string;
  name: string;
  slug: string;
  /** The workspace made at first start, which may read the instance log and make workspaces. */
  operator: boolean;
  strictScopes: boolean;
  /** Seconds that a token may live from its issue on; null = without limit. */
  maxTokenTtl: number | null;
  /** Whether a token must be issued with an expiry. */
  requireExpiry: boolean;
  /** What values of tokens begin with that ask for nothing else; null = Tooken's own. */
  defaultPrefix: string | null;
  /** Where credentials may call Tooken from; null = anywhere. */
  allowedManagementIps: readonly string[] | null;
  /** What becomes of a token of which a value is presented that rotation has ended. */
  reusePolicy: ReusePolicy;
  /** Whether it has tokens with values that were made elsewhere. */
  hasImports: boolean;
}

/** What the database says of a presented secret value. Times are Unix milliseconds. */
interface CredentialBase {
  /** What the presented value is stored as, in lower-case hex. */
  hash: string;
  environment: Environment;
  workspace: WorkspaceFacts;
  /** Handle of the API key or token. */
  id: string;
  name: string;
  /** Of the presented value, which after a rotation is not the owner's current one. */
  hint: string;
  /** End of the presented value's grace, after a rotation. */
  validUntil: number | null;
  endedAt: number | null;
  endedReason: EndedReason | null;
  expiresAt: number | null;
}

export interface ApiKeyCredential extends CredentialBase {
  kind: 'api_key';
}

export interface TokenCredential extends CredentialBase {
  kind: 'token';
  subject: string | null;
  metadata: Record<string, unknown>;
  /** Handles of its ancestors, the parent first. */
  lineage: readonly string[];
  chain: TokenChain;
}

/** What a presented secret value turns out to be. */
export type CredentialFacts = ApiKeyCredential | TokenCredential;

/** A person signed in with a browser. Times are Unix milliseconds. */
export interface UserCredential {
  kind: 'user';
  /** Handle of the session. */
  sessionId: string;
  email: string;
  /** In the workspace the request is about. */
  role: Role;
  /** Until then the person has just proven again who they are; null = they have not. */
  sudoUntil: number | null;
}
