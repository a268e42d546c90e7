import { packTexts } from '../../platform/database/text-array.js';
import { writePending } from '../sequencing/pending.js';
import type { SealedEvent, SealedRow } from './seal.js';

/** Each is a parameter: an array with one text of every event. */
const COLUMNS = [
  'workspace_id',
  'id',
  'environment',
  'occurred_at',
  'action',
  'outcome',
  'reason',
  'count',
  'actor_type',
  'actor_id',
  'target_type',
  'target_id',
  'request_id',
  'status',
  'body',
  'ip',
  'personal',
] as const satisfies readonly (keyof SealedRow)[];

/**
 * One statement: the events, what is personal of them beside, and word of them for the sequencer. Partitions are
 * found by the event's handle. Arrays, since taking JSON apart would take the server twice as long.
 */
export const INSERT_EVENTS = `
  with sealed as materialized (
    select * from unnest(${COLUMNS.map((_, at) => `$${at + 1}::text[]`).join(', ')})
      as sealed (${COLUMNS.join(', ')})
  ), events as (
    insert into audit_events (workspace_id, id, environment, occurred_at, action, outcome, reason, count, actor_type,
                              actor_id, target_type, target_id, request_id, status, body)
    select workspace_id, id, environment, occurred_at::timestamptz, action, outcome, reason, count::integer, actor_type,
           actor_id, target_type, target_id, request_id, status::smallint, body from sealed
  ), personal as (
    insert into audit_personal (workspace_id, event_id, environment, ip, data)
    select workspace_id, id, environment, ip::inet, personal from sealed
  )
  insert into audit_pending (payload) values ($${COLUMNS.length + 1})`;

/** The parameters of {@link INSERT_EVENTS}. */
export function asInserted(events: readonly SealedEvent[]): (Buffer | string)[] {
  const columns = COLUMNS.map((column) => packTexts(events.map(({ row }) => asText(row[column]))));
  return [...columns, writePending(events)];
}

function asText(value: string | number | null): string | null {
  return typeof value === 'number' ? String(value) : value;
}
