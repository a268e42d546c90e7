import { writePending } from '../sequencing/pending.js';
import type { SealedEvent } from './seal.js';

/**
 * One statement: the events, what is personal of them beside, and word of them for the sequencer. Partitions are
 * found by the event's handle.
 */
export const INSERT_EVENTS = `
  with sealed as materialized (
    select * from json_to_recordset($1::json) as sealed (
      workspace_id text, id text, environment text, occurred_at timestamptz, action text, outcome text, reason text,
      count integer, actor_type text, actor_id text, target_type text, target_id text, request_id text,
      status smallint, body text, ip inet, personal text)
  ), events as (
    insert into audit_events (workspace_id, id, environment, occurred_at, action, outcome, reason, count, actor_type,
                              actor_id, target_type, target_id, request_id, status, body)
    select workspace_id, id, environment, occurred_at, action, outcome, reason, count, actor_type,
           actor_id, target_type, target_id, request_id, status, body from sealed
  ), personal as (
    insert into audit_personal (workspace_id, event_id, environment, ip, data)
    select workspace_id, id, environment, ip, personal from sealed
  )
  insert into audit_pending (payload) values ($2)`;

/** The parameters of {@link INSERT_EVENTS}. */
export function asInserted(events: readonly SealedEvent[]): [events: string, pending: string] {
  return [JSON.stringify(events.map(({ row }) => row)), writePending(events)];
}
