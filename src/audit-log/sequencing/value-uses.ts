import type { FormerValueRole } from '../audit-draft.js';
import type { AuditRow } from '../audit-row.js';

/** How often a value was used that rotation has replaced, and when for the last time. */
export interface ValueUse {
  workspaceId: string;
  credentialId: string;
  hint: string;
  uses: number;
  /** RFC 3339, of the last of them. */
  at: string;
  eventId: string;
  as: FormerValueRole;
}

/** The uses of former values that an event tells of: its caller's, its target's, or both. Pure. */
export function valueUsesOf(event: AuditRow): ValueUse[] {
  return (event.former_uses ?? []).flatMap((as) => {
    const credentialId = as === 'caller' ? event.actor_id : event.target_id;
    const hint = as === 'caller' ? event.actor_hint : event.details?.hint;
    if (credentialId === null || typeof hint !== 'string') return [];
    const { workspace_id: workspaceId, id: eventId, occurred_at: at } = event;
    return [{ workspaceId, credentialId, hint, uses: 1, at, eventId, as }];
  });
}

/** One for each value. Pure. */
export function addUp(all: readonly ValueUse[]): ValueUse[] {
  const sums = new Map<string, ValueUse>();
  for (const use of all) {
    const key = `${use.workspaceId} ${use.credentialId} ${use.hint}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, use);
    else {
      const last = use.eventId > sum.eventId ? use : sum;
      sums.set(key, { ...last, uses: sum.uses + use.uses });
    }
  }
  return [...sums.values()];
}

/** Adds what was counted; `$1` is a JSON list of {@link ValueUse}, one for each value. */
export const ADD_USES = `
  insert into audit_value_uses as known
    (workspace_id, credential_id, hint, uses, last_used_at, last_event_id, last_used_as)
  select * from json_to_recordset($1::json) as use (
    "workspaceId" text, "credentialId" text, hint text, uses bigint, at timestamptz, "eventId" text, "as" text)
  on conflict (workspace_id, credential_id, hint) do update set
    uses = known.uses + excluded.uses,
    (last_used_at, last_event_id, last_used_as) = (
      select case when is_later then excluded.last_used_at else known.last_used_at end,
             case when is_later then excluded.last_event_id else known.last_event_id end,
             case when is_later then excluded.last_used_as else known.last_used_as end
        from cast(excluded.last_event_id > known.last_event_id as boolean) as is_later)`;
