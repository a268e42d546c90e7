import { ApiProperty } from '@nestjs/swagger';
import { parseCidr } from '../platform/addresses.js';
import { Checked, Instant, Int, ListOf, OneOf, Optional, Text } from '../platform/input/fields.js';
import { ACTOR_TYPES, AUDIT_ACTION_NAMES, AUDIT_OUTCOMES, TARGET_TYPES } from './audit-actions.js';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from './audit-actions.js';

const ANY_JSON = {
  oneOf: [
    { type: 'null' },
    { type: 'boolean' },
    { type: 'number' },
    { type: 'string' },
    { type: 'array', items: {} },
    { type: 'object', additionalProperties: true },
  ],
};

const addressFault = (text: string): string | null =>
  parseCidr(text) === null ? 'must be an IPv4 or IPv6 address or CIDR range' : null;

const actionFault = (text: string): string | null =>
  /^[a-z_]+\.(?:[a-z_]+|\*)$/.test(text) ? null : 'must be an action, or a prefix such as token.*';

/** Which log: the caller's workspace's, or the instance's (operator workspace only). */
export class LogQuery {
  @Optional()
  @OneOf(['workspace', 'instance'], { example: 'workspace' })
  log?: 'workspace' | 'instance';
}

/** Query of `GET /v1/audit-events`. Lists may be repeated, for OR. */
export class ListAuditEventsQuery extends LogQuery {
  /** An action, or all of a kind: `token.*`. */
  @Checked('audit-action', actionFault, { each: true })
  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['token.verify'] })
  action?: string[];

  @Optional()
  @ListOf(OneOf(AUDIT_OUTCOMES), { max: 3, example: ['denied'] })
  outcome?: AuditOutcome[];

  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['regenerated_key'] })
  reason?: string[];

  @Optional()
  @ListOf(OneOf(ACTOR_TYPES), { max: 5, example: ['token'] })
  actor_type?: ActorType[];

  @Optional()
  @ListOf(Text({ max: 64 }), { max: 50, example: ['key_01k2qj6m4xf3v9n0e7w8r5t2ya'] })
  actor_id?: string[];

  @Optional()
  @ListOf(OneOf(TARGET_TYPES), { max: 10, example: ['token'] })
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

  /** A part of the actor's or target's name, hint or id, or of the user agent, in any case. */
  @Optional()
  @Text({ max: 200, example: 'acme' })
  q?: string;

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

/** Who did it; names are copied in. */
export class AuditActorDto {
  @ApiProperty({ enum: ACTOR_TYPES, example: 'api_key' })
  type!: ActorType;

  @ApiProperty({ type: String, nullable: true, example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'CI' })
  name!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'tok_live_…a1B2' })
  hint!: string | null;
}

export class AuditTargetDto {
  @ApiProperty({ enum: TARGET_TYPES, example: 'token' })
  type!: TargetType;

  @ApiProperty({ type: String, nullable: true, example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Acme' })
  name!: string | null;
}

export class AuditRequestDto {
  /** `X-Request-Id` of the answer. */
  @ApiProperty({ type: String, nullable: true, example: 'req_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'POST' })
  method!: string | null;

  /** The route's template, never the raw URL. */
  @ApiProperty({ type: String, nullable: true, example: '/v1/tokens' })
  route!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 201 })
  status!: number | null;

  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  ip!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'curl/8.5' })
  user_agent!: string | null;
}

export class AuditChangeDto {
  @ApiProperty({ example: 'scopes' })
  field!: string;

  /** Any JSON value. */
  @ApiProperty({ ...ANY_JSON, example: ['a:read'] })
  from!: unknown;

  /** Any JSON value. */
  @ApiProperty({ ...ANY_JSON, example: ['a:read', 'a:write'] })
  to!: unknown;
}

/** One immutable record of one decision (contract §6). */
export class AuditEventDto {
  @ApiProperty({ example: 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Place in the log; null until it is sequenced. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  index!: number | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  occurred_at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'live' })
  environment!: string | null;

  @ApiProperty({ enum: AUDIT_ACTION_NAMES, example: 'token.issue' })
  action!: AuditAction;

  @ApiProperty({ enum: AUDIT_OUTCOMES, example: 'success' })
  outcome!: AuditOutcome;

  /** Null on success. */
  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;

  /** How many answers it stands for. */
  @ApiProperty({ example: 1 })
  count!: number;

  @ApiProperty({ type: AuditActorDto })
  actor!: AuditActorDto;

  @ApiProperty({ type: AuditTargetDto, nullable: true })
  target!: AuditTargetDto | null;

  /** Null for what no request caused. */
  @ApiProperty({ type: AuditRequestDto, nullable: true })
  request!: AuditRequestDto | null;

  @ApiProperty({ type: [AuditChangeDto], nullable: true })
  changes!: AuditChangeDto[] | null;

  /** What else belongs to the decision, by action. */
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { scopes: ['invoices:read'] },
  })
  details!: Record<string, unknown> | null;
}

export class AuditEventPage {
  @ApiProperty({ type: [AuditEventDto] })
  data!: AuditEventDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export class AuditActionDto {
  @ApiProperty({ enum: AUDIT_ACTION_NAMES, example: 'token.issue' })
  action!: AuditAction;

  @ApiProperty({ example: 'A token was issued' })
  description!: string;
}

export class AuditActionList {
  @ApiProperty({ type: [AuditActionDto] })
  data!: AuditActionDto[];

  /** The catalogue is one page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: null;
}
