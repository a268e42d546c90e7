import type { Environment } from '../platform/secrets/secret.js';
import type { AuditAction } from './audit-actions.js';
import { AuditDraft, type AuditActor, type AuditChange, type AuditTarget } from './audit-draft.js';
import { auditRows, type AuditEntry } from './audit-row.js';

const SYSTEM: AuditActor = { type: 'system', id: null, name: 'Tooken', hint: null };

/** Something that Tooken did by itself, without a request that asked for it. */
export interface SystemDeed {
  action: AuditAction;
  workspaceId: string;
  environment?: Environment;
  target?: AuditTarget;
  changes?: AuditChange[];
  details?: Record<string, unknown>;
}

/**
 * The event of a deed of the system.
 *
 * @param at Unix milliseconds.
 */
export function entryBySystem(deed: SystemDeed, at: number): AuditEntry {
  const { action, workspaceId, environment = null, target = null, changes = null, details = null } = deed;
  const draft = Object.assign(new AuditDraft(at), {
    workspaceId,
    environment,
    actor: SYSTEM,
    target,
    changes,
    details,
  });
  return auditRows(action, null, draft, { status: 0, outcome: 'success', reason: null });
}
