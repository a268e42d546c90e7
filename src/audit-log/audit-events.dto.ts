import { ApiProperty, ApiSchema } from '@nestjs/swagger';
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

@ApiSchema({ description: 'Who did it; names are copied in.' })
export class AuditActorDto {
  /** `anonymous` when no credential was known. */
  @ApiProperty({ enum: ACTOR_TYPES, example: 'api_key' })
  type!: ActorType;

  /** Its handle. */
  @ApiProperty({ type: String, nullable: true, example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  /** As it was then. */
  @ApiProperty({ type: String, nullable: true, example: 'CI' })
  name!: string | null;

  /** Of the value that was used. */
  @ApiProperty({ type: String, nullable: true, example: 'tok_live_…a1B2' })
  hint!: string | null;
}

@ApiSchema({ description: 'What it was about; the name is copied in.' })
export class AuditTargetDto {
  /** What kind of thing. */
  @ApiProperty({ enum: TARGET_TYPES, example: 'token' })
  type!: TargetType;

  /** Its handle; of a scope, its name. */
  @ApiProperty({ type: String, nullable: true, example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  /** As it was then. */
  @ApiProperty({ type: String, nullable: true, example: 'Acme' })
  name!: string | null;
}

@ApiSchema({ description: 'The request that asked for the decision.' })
export class AuditRequestDto {
  /** `X-Request-Id` of the answer. */
  @ApiProperty({ type: String, nullable: true, example: 'req_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  /** The HTTP method. */
  @ApiProperty({ type: String, nullable: true, example: 'POST' })
  method!: string | null;

  /** The route's template, never the raw URL. */
  @ApiProperty({ type: String, nullable: true, example: '/v1/tokens' })
  route!: string | null;

  /** Of the answer. */
  @ApiProperty({ type: 'integer', minimum: 100, maximum: 599, nullable: true, example: 201 })
  status!: number | null;

  /** Where it came from, IPv4 or IPv6. */
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  ip!: string | null;

  /** What it said of itself, up to 512 characters. */
  @ApiProperty({ type: String, nullable: true, example: 'curl/8.5' })
  user_agent!: string | null;
}

@ApiSchema({ description: 'One field that a change changed.' })
export class AuditChangeDto {
  /** Which field of the target. */
  @ApiProperty({ example: 'scopes' })
  field!: string;

  /** Any JSON value. */
  @ApiProperty({ ...ANY_JSON, example: ['a:read'] })
  from!: unknown;

  /** Any JSON value. */
  @ApiProperty({ ...ANY_JSON, example: ['a:read', 'a:write'] })
  to!: unknown;
}

@ApiSchema({ description: 'One immutable record of one decision.' })
export class AuditEventDto {
  /** Its handle; sorts by time. */
  @ApiProperty({ example: 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Place in the log; null until it is sequenced. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: null })
  index!: number | null;

  /** When the request arrived. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  occurred_at!: string;

  /** The caller's; null when that is not known. */
  @ApiProperty({ type: String, enum: ['live', 'test', null], nullable: true, example: 'live' })
  environment!: string | null;

  /** What was asked for, whether it succeeded or not. */
  @ApiProperty({ enum: AUDIT_ACTION_NAMES, example: 'token.issue' })
  action!: AuditAction;

  /** `denied`: refused for who asked or what a verification found. `failure`: a valid caller’s request that could not be done. */
  @ApiProperty({ enum: AUDIT_OUTCOMES, example: 'success' })
  outcome!: AuditOutcome;

  /** Null on success. */
  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;

  /** How many answers it stands for. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  count!: number;

  /** Who did it. */
  @ApiProperty({ type: AuditActorDto })
  actor!: AuditActorDto;

  /** What it was about; null when there is no such thing. */
  @ApiProperty({ type: AuditTargetDto, nullable: true })
  target!: AuditTargetDto | null;

  /** Null for what no request caused. */
  @ApiProperty({ type: AuditRequestDto, nullable: true })
  request!: AuditRequestDto | null;

  /** What a change changed; null when nothing. */
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

@ApiSchema({ description: 'One page of events.' })
export class AuditEventPage {
  /**
   * In the order that was asked for. Where several filters hardly ever meet, a page may hold fewer than `limit`, even
   * none, and still have a next one: the search goes on there.
   */
  @ApiProperty({ type: [AuditEventDto] })
  data!: AuditEventDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

@ApiSchema({ description: 'One action of the catalogue.' })
export class AuditActionDto {
  /** As events name it. */
  @ApiProperty({ enum: AUDIT_ACTION_NAMES, example: 'token.issue' })
  action!: AuditAction;

  /** What such an event tells. */
  @ApiProperty({ example: 'A token was issued' })
  description!: string;
}

@ApiSchema({ description: 'Every action an event can name.' })
export class AuditActionList {
  /** All of them. */
  @ApiProperty({ type: [AuditActionDto] })
  data!: AuditActionDto[];

  /** The catalogue is one page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: null;
}
