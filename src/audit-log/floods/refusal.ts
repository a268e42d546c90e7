import { networkOf } from '../../platform/addresses.js';
import type { RequestFacts } from '../../platform/context/request-facts.js';
import type { ProblemCode } from '../../platform/errors/problem.js';
import type { AuditAction } from '../audit-actions.js';
import { AuditDraft } from '../audit-draft.js';
import { auditRows, type AuditEntry } from '../audit-row.js';
import type { Fold } from './flood-counter.js';

/** A request that authentication or authorisation has refused. */
export interface Refusal {
  /** What its caller is told. */
  code: ProblemCode;
  /** Handle of a caller whose credential is good; null of one whose credential is none. */
  caller: string | null;
  action: AuditAction;
  request: RequestFacts;
  draft: AuditDraft;
}

/** What the event of a fold is made of; it speaks for all that were counted into it. */
export interface FirstRefusal extends Pick<AuditDraft, 'workspaceId' | 'environment' | 'actor'> {
  action: AuditAction;
  request: RequestFacts;
  reason: string;
  /** Made once, when its minute has ended: whoever writes it again writes the same. */
  event: AuditDraft | null;
}

/**
 * What decides when refusals begin to fold: where they come from and what their caller sees of them. Nothing that
 * only we know of a bad credential may stand in it, such as whose it once was: from when the answers change a caller
 * who mixes its guesses could read it.
 */
export function originOf({ request, code, caller }: Refusal): string {
  return [networkOf(request.ip), code, caller].join('\n');
}

/** What folds into one event: everything that the log tells apart, but for what each request says of itself. */
export function kindOf({ request, draft, code }: Refusal): string {
  const { workspaceId, environment, actor, reason } = draft;
  const who = [workspaceId, environment, actor.id, actor.hint];
  return [...who, request.method, request.route, reason ?? code].join('\n');
}

/** What is kept of the first refusal of a kind. */
export function describe({ action, request, draft, code }: Refusal): FirstRefusal {
  const { workspaceId, environment, actor, reason } = draft;
  return { workspaceId, environment, actor, action, request, reason: reason ?? code, event: null };
}

/** @param at when it is written for the first time. */
export function toEntry(fold: Fold<FirstRefusal>, at: number): AuditEntry {
  const { first } = fold;
  const event = (first.event ??= toEvent(fold, at));
  return auditRows(first.action, first.request, event, {
    status: 429,
    outcome: 'denied',
    reason: 'rate_limited',
  });
}

function toEvent({ first, count, firstAt, lastAt }: Fold<FirstRefusal>, at: number): AuditDraft {
  const { workspaceId, environment, actor, reason } = first;
  return Object.assign(new AuditDraft(at), {
    workspaceId,
    environment,
    actor,
    count,
    details: {
      folded: reason,
      first_at: new Date(firstAt).toISOString(),
      last_at: new Date(lastAt).toISOString(),
    },
  });
}
