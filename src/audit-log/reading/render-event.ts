import type { AuditEventDto } from '../audit-events.dto.js';
import type { PersonalData } from '../recording/seal.js';

/** An event as it is kept. */
export interface StoredEvent {
  /** Place in the log, as the driver gives 64-bit integers; null until it is sequenced. */
  index: string | null;
  /** RFC 8785 text, the leaf of the tree. */
  body: string;
  /** RFC 8785 text; null once it is erased. */
  personal: string | null;
}

/** The columns of {@link StoredEvent}, of a query that calls the event `e`. */
export const STORED_EVENT = `n.index, e.body, p.data as personal`;

/** What {@link STORED_EVENT} takes them from, beside the event. */
export const BESIDE_EVENT = `
  left join audit_entries n on n.workspace_id = e.workspace_id and n.event_id = e.id
  left join audit_personal p on p.workspace_id = e.workspace_id and p.event_id = e.id`;

/** The event of a leaf, without its place and without what is personal. */
export type LeafBody = Omit<AuditEventDto, 'index' | 'actor' | 'target' | 'request'> & {
  actor: Omit<AuditEventDto['actor'], 'name'>;
  target: Omit<NonNullable<AuditEventDto['target']>, 'name'> | null;
  request: Omit<NonNullable<AuditEventDto['request']>, 'ip' | 'user_agent'> | null;
  /** SHA-256 of the personal data's RFC 8785 text, base64. */
  personal: string;
};

/** An event as the API shows it (contract §6), put together from its leaf and what is personal. Pure. */
export function renderEvent(stored: StoredEvent): AuditEventDto {
  const leaf = JSON.parse(stored.body) as LeafBody;
  const personal = stored.personal === null ? null : (JSON.parse(stored.personal) as PersonalData);
  const { actor, target, request } = leaf;
  return {
    id: leaf.id,
    index: stored.index === null ? null : Number(stored.index),
    occurred_at: leaf.occurred_at,
    environment: leaf.environment,
    action: leaf.action,
    outcome: leaf.outcome,
    reason: leaf.reason,
    count: leaf.count,
    actor: { type: actor.type, id: actor.id, name: personal?.actor_name ?? null, hint: actor.hint },
    target:
      target === null ? null : { type: target.type, id: target.id, name: personal?.target_name ?? null },
    request:
      request === null
        ? null
        : {
            id: request.id,
            method: request.method,
            route: request.route,
            status: request.status,
            ip: personal?.ip ?? null,
            user_agent: personal?.user_agent ?? null,
          },
    // In the contract's order, which is not the canonical one.
    changes: leaf.changes?.map(({ field, from, to }) => ({ field, from, to })) ?? null,
    details: detailsOf(leaf.details, personal),
  };
}

function detailsOf(
  details: Record<string, unknown> | null,
  personal: PersonalData | null,
): Record<string, unknown> | null {
  if (details === null) return null;
  return {
    ...details,
    ...(personal?.client_ip !== undefined && { client_ip: personal.client_ip }),
    ...(personal?.client_user_agent !== undefined && { user_agent: personal.client_user_agent }),
  };
}
