import { hash, randomBytes } from 'node:crypto';
import { withoutSecrets } from '../../platform/secrets/secret.js';
import type { AuditRow } from '../audit-row.js';
import { canonicalJson } from '../proofs/canonical.js';
import { leafHash } from '../proofs/merkle.js';
import { valueUsesOf, type ValueUse } from '../sequencing/value-uses.js';

/** A row of `audit_events` and its side row of `audit_personal`, as the insert takes them. */
export interface SealedRow {
  workspace_id: string;
  id: string;
  environment: 'live' | 'test' | 'none';
  occurred_at: string;
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
  /** The leaf of the tree: RFC 8785 bytes of everything but what is personal. */
  body: string;
  ip: string | null;
  /** RFC 8785 text of what is personal, with its salt; `body` holds the SHA-256 of it. */
  personal: string;
}

/** An event as it is written, once and for ever. */
export interface SealedEvent {
  row: SealedRow;
  /** RFC 6962 §2.1, base64. */
  leafHash: string;
  /** By which the actor and the target can be found. */
  names: { id: string; name: string; hint: string }[];
  /** Of values that rotation has replaced. */
  uses: ValueUse[];
}

/** What of an event is personal, and can be erased without touching a proof (contract §6; docs/audit-log.md). */
export interface PersonalData {
  actor_name?: string;
  client_ip?: string;
  client_user_agent?: string;
  ip?: string;
  /** 128 random bits, so that the commitment tells nothing of what is easily guessed. */
  salt: string;
  target_name?: string;
  user_agent?: string;
}

/**
 * Fixes the bytes of an event: splits off what is personal behind a salted commitment, and writes the rest in
 * RFC 8785's canonical form, which is the leaf of the Merkle tree.
 */
export function seal(facts: AuditRow): SealedEvent {
  return sealedIfFit(facts) ?? sealed(JSON.parse(JSON.stringify(facts), fit) as AuditRow);
}

/** Tested when it is written: whatever anybody else can have put into an event is in one of the two texts. */
function sealedIfFit(facts: AuditRow): SealedEvent | null {
  try {
    const event = sealed(facts);
    return UNFIT.test(event.row.body) || UNFIT.test(event.row.personal) ? null : event;
  } catch {
    // Half a surrogate pair has no canonical form.
    return null;
  }
}

function sealed(event: AuditRow): SealedEvent {
  const { client_ip, user_agent, ...details } = event.details ?? {};
  const personal = JSON.stringify({
    actor_name: event.actor_name ?? undefined,
    client_ip,
    client_user_agent: user_agent,
    ip: event.ip ?? undefined,
    salt: newSalt(),
    target_name: event.target_name ?? undefined,
    user_agent: event.user_agent ?? undefined,
  });
  // Put together in the order of RFC 8785, since the whole would be written by the library five times as slowly.
  const body = [
    `{"action":${JSON.stringify(event.action)}`,
    `"actor":${JSON.stringify({ hint: event.actor_hint, id: event.actor_id, type: event.actor_type })}`,
    `"changes":${canonicalJson(event.changes)}`,
    `"count":${String(event.count)}`,
    `"details":${event.details === null ? 'null' : canonicalJson(details)}`,
    `"environment":${JSON.stringify(event.environment)}`,
    `"id":${JSON.stringify(event.id)}`,
    `"occurred_at":${JSON.stringify(event.occurred_at)}`,
    `"outcome":${JSON.stringify(event.outcome)}`,
    `"personal":"${hash('sha256', personal, 'base64')}"`,
    `"reason":${JSON.stringify(event.reason)}`,
    `"request":${requestOf(event)}`,
    `"target":${event.target_type === null ? 'null' : JSON.stringify({ id: event.target_id, type: event.target_type })}}`,
  ].join(',');
  return {
    row: {
      workspace_id: event.workspace_id,
      id: event.id,
      environment: event.environment ?? 'none',
      occurred_at: event.occurred_at,
      action: event.action,
      outcome: event.outcome,
      reason: event.reason,
      count: event.count,
      actor_type: event.actor_type,
      actor_id: event.actor_id,
      target_type: event.target_type,
      target_id: event.target_id,
      request_id: event.request_id,
      status: event.status,
      body,
      ip: event.ip,
      personal,
    },
    leafHash: leafHash(body).toString('base64'),
    names: namesOf(event),
    uses: valueUsesOf(event),
  };
}

function requestOf({ request_id, method, route, status }: AuditRow): string {
  return request_id === null ? 'null' : JSON.stringify({ id: request_id, method, route, status });
}

function namesOf(event: AuditRow): SealedEvent['names'] {
  const names = [];
  if (event.actor_id !== null)
    names.push({ id: event.actor_id, name: event.actor_name ?? '', hint: event.actor_hint ?? '' });
  if (event.target_id !== null) names.push({ id: event.target_id, name: event.target_name ?? '', hint: '' });
  return names;
}

/**
 * What must not be kept: the value of a secret, wherever a caller has put one (contract §2: never in an event); and
 * NUL and half surrogate pairs, which neither RFC 8785 nor PostgreSQL's text takes.
 */
const UNFIT = /\\u(?:0000|d[89a-f])|_(?:(?:live|test)_[0-9A-Za-z]{36}|(?<=whsec_)[0-9A-Za-z+/]{32})/;

function fit(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value.toWellFormed().replaceAll('\u0000', '\ufffd'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [fit('', key), each]));
}

const SALT_BYTES = 16;
let pool = Buffer.alloc(0);
let taken = 0;

/** From a pool: one system call for 256 salts. */
function newSalt(): string {
  if (taken + SALT_BYTES > pool.length) {
    pool = randomBytes(256 * SALT_BYTES);
    taken = 0;
  }
  taken += SALT_BYTES;
  return pool.toString('base64', taken - SALT_BYTES, taken);
}
