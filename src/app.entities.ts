import { ApiKey } from './api-keys/api-key.entity.js';
import { AuditEvent } from './audit-log/audit-event.entity.js';
import { CredentialSecret } from './credentials/credential-secret.entity.js';
import { Scope } from './scopes/scope.entity.js';
import { Token } from './tokens/token.entity.js';
import { Workspace } from './workspaces/workspace.entity.js';

/** Every table with rows of its own. */
export const ENTITIES = [Workspace, ApiKey, Token, Scope, CredentialSecret, AuditEvent];
