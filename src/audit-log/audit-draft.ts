import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { newHandle } from '../platform/ids.js';
import type { Environment } from '../platform/secrets/secret.js';
import type { ActorType, AuditOutcome, TargetType } from './audit-actions.js';

/** Who did it; names are copied in, so that the event outlives what it names. */
export interface AuditActor {
  type: ActorType;
  id: string | null;
  name: string | null;
  hint: string | null;
}

export interface AuditTarget {
  type: TargetType;
  id: string | null;
  name: string | null;
}

export interface AuditChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** In which role a value was used that rotation has replaced and whose grace lasts: the actor's, or the target's. */
export type FormerValueRole = 'caller' | 'presented';

/** The log of what belongs to no workspace: unknown and missing credentials. Read by the operator workspace. */
export const INSTANCE_LOG = 'instance';

export const ANONYMOUS: AuditActor = { type: 'anonymous', id: null, name: null, hint: null };

/**
 * The event of one decision, filled in along the way by whoever learns something, and written on every exit:
 * by the interceptor when the handler succeeded, by the exception filter when anything refused or failed.
 */
export class AuditDraft {
  /** Known from the start, so that a verification can name its event in its answer. */
  readonly id: string;
  workspaceId = INSTANCE_LOG;
  environment: Environment | null = null;
  actor: AuditActor = ANONYMOUS;
  target: AuditTarget | null = null;
  changes: AuditChange[] | null = null;
  details: Record<string, unknown> | null = null;
  /** Whether actor or target came by a former value, of which the uses are counted. */
  formerValues: readonly FormerValueRole[] = [];
  /** How many answers it stands for. */
  count = 1;
  /** Set by whoever refuses and knows more precisely why than the error's code says. */
  reason: string | null = null;
  /** Set when a well-answered request is still a refusal, as a verification is. */
  outcome: AuditOutcome | null = null;
  /** The events of a batch's items, which then stand in for this one. */
  items: AuditDraft[] | null = null;
  /** Runs a change in one transaction with this event. Only where the handler commits itself it is not open yet. */
  commit: <T>(change: () => Promise<T>) => Promise<T> = (change) => change();
  /** When to give up writing it, by `performance.now()`; null until the handler begins. */
  deadline: number | null = null;
  /**
   * Whether it is on disk, or counted into the event of a flood. An answer that leaves before is counted in
   * `audit_missing_total`.
   */
  recorded = false;

  /** @param at Unix milliseconds; the event's `occurred_at`. */
  constructor(readonly at: number) {
    this.id = newHandle('evt', at);
  }

  /** A draft for one item of a batch: the same caller, a decision of its own. */
  item(): AuditDraft {
    const item = new AuditDraft(this.at);
    item.workspaceId = this.workspaceId;
    item.environment = this.environment;
    item.actor = this.actor;
    item.formerValues = this.formerValues;
    (this.items ??= []).push(item);
    return item;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The draft of this request's event; present on every audited route from its first hook on. */
    auditDraft?: AuditDraft;
  }
}

/** The event being drafted, as a handler's argument. */
export const Event = createParamDecorator((_data: unknown, context: ExecutionContext): AuditDraft => {
  const { auditDraft } = context.switchToHttp().getRequest<FastifyRequest>();
  if (auditDraft === undefined) throw new Error('a handler that fills in an event must be @Audited');
  return auditDraft;
});

/** The fields that differ, as an event tells them; null when nothing does. */
export function changesBetween<Row extends object>(
  before: Row,
  after: Row,
  fields: readonly (keyof Row & string)[],
): AuditChange[] | null {
  const changed = fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, from: before[field], to: after[field] }));
  return changed.length > 0 ? changed : null;
}
