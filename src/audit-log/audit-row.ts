import type { RequestFacts } from '../platform/context/request-facts.js';
import type { Environment } from '../platform/secrets/secret.js';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from './audit-actions.js';
import type { AuditChange, AuditDraft, FormerValueRole } from './audit-draft.js';

/** How the request ended. */
export interface Answer {
  status: number;
  outcome: AuditOutcome;
  /** Null on success. */
  reason: string | null;
}

/** Everything an event says, flat; times are RFC 3339. */
export interface AuditRow {
  workspace_id: string;
  id: string;
  environment: Environment | null;
  occurred_at: string;
  action: AuditAction;
  outcome: AuditOutcome;
  reason: string | null;
  count: number;
  actor_type: ActorType;
  actor_id: string | null;
  actor_name: string | null;
  actor_hint: string | null;
  target_type: TargetType | null;
  target_id: string | null;
  target_name: string | null;
  request_id: string | null;
  method: string | null;
  route: string | null;
  status: number | null;
  ip: string | null;
  user_agent: string | null;
  changes: AuditChange[] | null;
  details: Record<string, unknown> | null;
  /** Which of actor and target was let through by a former value; counted beside the event, and no part of it. */
  former_uses?: readonly FormerValueRole[];
}

/** What one answer leaves in the log. */
export interface AuditEntry {
  /** One event, or one for each item of a batch. */
  rows: AuditRow[];
  /** When to give up writing them, by `performance.now()`. */
  deadline: number;
}

/**
 * What has not been recorded this long after its handler began is answered 503, within the 3 s we promise. Not after
 * the request began: a body may take its time to arrive.
 */
export const RECORD_WITHIN_MS = 2_500;
/** Who has waited in vain waits only so much longer for the event that says so. */
const RECORD_503_WITHIN_MS = 300;

/** The events of a finished request: one, or one for each item of a batch. */
export function auditRows(
  action: AuditAction,
  request: RequestFacts | null,
  draft: AuditDraft,
  answer: Answer,
): AuditEntry {
  // A batch that was refused as a whole is one decision, however many items had been looked at.
  const drafts = draft.items !== null && answer.outcome === 'success' ? draft.items : [draft];
  return {
    rows: drafts.map((each) => auditRow(action, request, each, answer)),
    deadline: deadlineOf(draft, answer),
  };
}

function deadlineOf(draft: AuditDraft, answer: Answer): number {
  const now = performance.now();
  if (answer.status === 503) return now + RECORD_503_WITHIN_MS;
  return draft.deadline ?? now + RECORD_WITHIN_MS;
}

function auditRow(
  action: AuditAction,
  request: RequestFacts | null,
  draft: AuditDraft,
  answer: Answer,
): AuditRow {
  const outcome = answer.outcome === 'success' ? (draft.outcome ?? 'success') : answer.outcome;
  return {
    workspace_id: draft.workspaceId,
    id: draft.id,
    environment: draft.environment,
    occurred_at: new Date(draft.at).toISOString(),
    action,
    outcome,
    reason: outcome === 'success' ? null : reasonOf(draft, answer),
    count: draft.count,
    actor_type: draft.actor.type,
    actor_id: draft.actor.id,
    actor_name: draft.actor.name,
    actor_hint: draft.actor.hint,
    target_type: draft.target?.type ?? null,
    target_id: draft.target?.id ?? null,
    target_name: draft.target?.name ?? null,
    request_id: request?.id ?? null,
    method: request?.method ?? null,
    route: request?.route ?? null,
    status: request === null ? null : answer.status,
    ip: request?.ip ?? null,
    user_agent: request?.userAgent ?? null,
    // What failed changed nothing, whatever the handler had noted before it did.
    changes: answer.outcome === 'success' ? draft.changes : null,
    details: draft.details,
    former_uses: draft.formerValues.filter((role) => isUse(role, outcome, answer.status)),
  };
}

/** What counts as a use is the same as for `last_used_at` (last-use.ts). */
function isUse(role: FormerValueRole, outcome: AuditOutcome, status: number): boolean {
  if (role === 'presented') return outcome === 'success';
  return !(outcome === 'denied' && [400, 401, 429].includes(status));
}

/** A fault of ours outranks whatever had been decided before it. */
function reasonOf(draft: AuditDraft, answer: Answer): string | null {
  return answer.status >= 500 ? answer.reason : (draft.reason ?? answer.reason);
}
