import type { AuditEventDto } from './audit-events.dto.js';
import type { AuditEvent } from './audit-event.entity.js';

/** A row as the API shows it (contract §6). Pure. */
export function renderEvent(row: AuditEvent): AuditEventDto {
  return {
    id: row.id,
    index: null,
    occurred_at: row.occurredAt.toISOString(),
    environment: row.environment,
    action: row.action,
    outcome: row.outcome,
    reason: row.reason,
    count: row.count,
    actor: { type: row.actorType, id: row.actorId, name: row.actorName, hint: row.actorHint },
    target: row.targetType === null ? null : { type: row.targetType, id: row.targetId, name: row.targetName },
    request:
      row.requestId === null
        ? null
        : {
            id: row.requestId,
            method: row.method,
            route: row.route,
            status: row.status,
            ip: row.ip,
            user_agent: row.userAgent,
          },
    // In the contract's order: jsonb has its own.
    changes: row.changes?.map(({ field, from, to }) => ({ field, from, to })) ?? null,
    details: row.details,
  };
}
