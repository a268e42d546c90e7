import { hash } from 'node:crypto';
import { canonicalJson } from '../proofs/canonical.js';
import { leafHash } from '../proofs/merkle.js';
import type { LeafBody } from '../reading/render-event.js';
import type { PersonalData } from '../recording/seal.js';

/** A place in the log with all that is kept of its event, as the scrub's query returns it. */
export interface ScrubbedRow {
  index: string;
  event_id: string;
  leaf_hash: Buffer;
  /** Null with everything below when the event is gone. */
  body: string | null;
  environment: string;
  occurred_at: Date;
  action: string;
  outcome: string;
  reason: string | null;
  count: number;
  actor_type: string;
  actor_id: string | null;
  target_type: string | null;
  target_id: string | null;
  request_id: string | null;
  status: number | null;
  /** Null when it was erased. */
  personal: string | null;
  personal_environment: string | null;
  ip: string | null;
}

/** What is wrong with one event, in words; null if nothing is. Pure. */
export function faultOf(row: ScrubbedRow): string | null {
  if (row.body === null) return 'the event was removed';
  if (!leafHash(row.body).equals(row.leaf_hash)) return 'the event was changed';
  const leaf = parsed(row.body);
  if (leaf === null) return 'the event is not in its canonical form';
  const column = COLUMNS.find(([, told, kept]) => told(leaf) !== kept(row));
  if (column !== undefined) return `the column ${column[0]} is not what the event says`;
  return personalFaultOf(row, leaf);
}

function parsed(body: string): LeafBody | null {
  try {
    const leaf: unknown = JSON.parse(body);
    return canonicalJson(leaf) === body ? (leaf as LeafBody) : null;
  } catch {
    return null;
  }
}

type Value = string | number | null;

/** Every column that repeats what the event says. The status of what no request asked for stands in the column only. */
const COLUMNS: [name: string, told: (leaf: LeafBody) => Value, kept: (row: ScrubbedRow) => Value][] = [
  ['id', (leaf) => leaf.id, (row) => row.event_id],
  ['environment', (leaf) => leaf.environment ?? 'none', (row) => row.environment],
  ['occurred_at', (leaf) => leaf.occurred_at, (row) => row.occurred_at.toISOString()],
  ['action', (leaf) => leaf.action, (row) => row.action],
  ['outcome', (leaf) => leaf.outcome, (row) => row.outcome],
  ['reason', (leaf) => leaf.reason, (row) => row.reason],
  ['count', (leaf) => leaf.count, (row) => row.count],
  ['actor_type', (leaf) => leaf.actor.type, (row) => row.actor_type],
  ['actor_id', (leaf) => leaf.actor.id, (row) => row.actor_id],
  ['target_type', (leaf) => leaf.target?.type ?? null, (row) => row.target_type],
  [
    'target_id',
    (leaf) => leaf.target?.id ?? null,
    (row) => (row.target_type === null ? null : row.target_id),
  ],
  ['request_id', (leaf) => leaf.request?.id ?? null, (row) => row.request_id],
  ['status', (leaf) => leaf.request?.status ?? null, (row) => (row.request_id === null ? null : row.status)],
];

function personalFaultOf(row: ScrubbedRow, leaf: LeafBody): string | null {
  if (row.personal === null) return null;
  if (hash('sha256', row.personal, 'base64') !== leaf.personal) return 'what is personal of it was changed';
  const { ip = null } = JSON.parse(row.personal) as PersonalData;
  if (ip !== row.ip) return 'the column ip is not what the event says';
  if (row.personal_environment !== row.environment)
    return 'the column environment of its personal data differs';
  return null;
}
