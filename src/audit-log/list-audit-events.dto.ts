import { parseCidr } from '../platform/addresses.js';
import { Checked, Instant, Int, ListOf, OneOf, Optional, Text } from '../platform/input/fields.js';
import { ACTOR_TYPES, AUDIT_OUTCOMES, TARGET_TYPES } from './audit-actions.js';
import type { ActorType, AuditOutcome, TargetType } from './audit-actions.js';

const addressFault = (text: string): string | null =>
  parseCidr(text) === null ? 'must be an IPv4 or IPv6 address or CIDR range' : null;

const actionFault = (text: string): string | null =>
  /^[a-z_]+\.(?:[a-z_]+|\*)$/.test(text) ? null : 'must be an action, or a prefix such as token.*';

/** Which log: the caller's workspace's, or the instance's (operator workspace only). */
export class LogQuery {
  /** The workspace's own log; or the instance's, which the operator workspace alone may read. */
  @Optional()
  @OneOf(['workspace', 'instance'], { example: 'workspace' })
  log?: 'workspace' | 'instance';
}

/** What can be asked of events. Lists may be repeated, for OR. */
export class AuditEventFilters extends LogQuery {
  /** An action, or all of a kind: `token.*`. */
  @Checked('audit-action', actionFault, { each: true })
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['token.verify'] })
  action?: string[];

  /** How the decision ended. */
  @Optional()
  @ListOf(OneOf(AUDIT_OUTCOMES), { max: 3, example: ['denied'] })
  outcome?: AuditOutcome[];

  /** Why it was refused or failed. */
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['regenerated_key'] })
  reason?: string[];

  /** What kind of caller. */
  @Optional()
  @ListOf(OneOf(ACTOR_TYPES), { max: 5, example: ['token'] })
  actor_type?: ActorType[];

  /** Handle of the caller. */
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['key_01k2qj6m4xf3v9n0e7w8r5t2ya'] })
  actor_id?: string[];

  /** What kind of thing it was about. */
  @Optional()
  @ListOf(OneOf(TARGET_TYPES), { max: 20, example: ['token'] })
  target_type?: TargetType[];

  /** A handle; of a scope, its name. */
  @Optional()
  @ListOf(Text({ max: 128 }), { max: 50, example: ['token_01k2qj6m4xf3v9n0e7w8r5t2ya'] })
  target_id?: string[];

  /** An address or a CIDR range. */
  @Checked('cidr', addressFault, { each: true })
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['203.0.113.0/24'] })
  ip?: string[];

  /** `X-Request-Id` of an answer. */
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['req_01k2qj6m4xf3v9n0e7w8r5t2ya'] })
  request_id?: string[];

  /** Within the caller's own environment; for the instance log. */
  @Optional()
  @ListOf(OneOf(['live', 'test']), { max: 2, example: ['live'] })
  environment?: ('live' | 'test')[];

  /** From this moment on (inclusive). */
  @Optional()
  @Instant({ example: '2026-11-21T00:00:00.000Z' })
  from?: string;

  /** Before this moment (exclusive). */
  @Optional()
  @Instant({ example: '2026-11-22T00:00:00.000Z' })
  to?: string;

  /** A part of any name or hint that the actor or target ever had, in any case, or of its id. */
  @Optional()
  @Text({ max: 200, example: 'acme' })
  q?: string;
}

/** Query of `GET /v1/audit-events`. */
export class ListAuditEventsQuery extends AuditEventFilters {
  /** Newest first, or oldest first. */
  @OneOf(['desc', 'asc'], { default: 'desc' })
  order!: 'desc' | 'asc';

  /** How many to return at most. */
  @Int({ min: 1, max: 1000, default: 50 })
  limit!: number;

  /** `next_cursor` of the previous page; bound to the filters it came with. */
  @Optional()
  @Text({ max: 1024, example: 'eyJwIjpbImV2dF8wMWs…' })
  cursor?: string;
}
