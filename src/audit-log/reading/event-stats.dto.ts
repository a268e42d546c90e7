import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { OneOf } from '../../platform/input/fields.js';
import { AuditEventFilters } from '../list-audit-events.dto.js';
import { INTERVALS, type Interval } from './buckets.js';

const COUNTS = { type: 'object', additionalProperties: { type: 'integer', minimum: 1 } } as const;

/** Query of `GET /v1/audit-events/stats`: the filters of the list, and how to count. */
export class EventStatsQuery extends AuditEventFilters {
  /**
   * What is counted together. Without `from`, the last 60 minutes, 24 hours or 30 days before `to`, which is now unless
   * told; at most 1,000 minutes or hours, or 366 days.
   */
  @OneOf(INTERVALS, { default: 'hour' })
  interval!: Interval;
}

@ApiSchema({ description: 'How the decisions ended.' })
export class OutcomeCountsDto {
  /** Done, or found valid. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 118 })
  success!: number;

  /** Refused for who asked, or for what a verification found. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 2 })
  denied!: number;

  /** A valid caller’s request that could not be done. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  failure!: number;
}

@ApiSchema({ description: 'What was decided in one minute, hour or day.' })
export class EventBucketDto {
  /** When it begins, in UTC. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.000Z' })
  start!: string;

  /** The sum of the events’ `count`. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 120 })
  count!: number;

  /** The same by outcome. */
  @ApiProperty({ type: OutcomeCountsDto })
  outcomes!: OutcomeCountsDto;

  /** The same by action; those that did not occur are left out. */
  @ApiProperty({ ...COUNTS, example: { 'token.issue': 2, 'token.verify': 118 } })
  actions!: Record<string, number>;

  /** What was denied or failed, by reason. */
  @ApiProperty({ ...COUNTS, example: { expired: 2 } })
  reasons!: Record<string, number>;
}

@ApiSchema({ description: 'Decisions over time.' })
export class EventStatsDto {
  /** As it was asked for. */
  @ApiProperty({ enum: INTERVALS, example: 'hour' })
  interval!: Interval;

  /** When the first bucket begins: at `from` or before. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.000Z' })
  from!: string;

  /** When the last bucket ends: at `to` or after. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T13:00:00.000Z' })
  to!: string;

  /** Every bucket, oldest first, those without events too. */
  @ApiProperty({ type: [EventBucketDto] })
  data!: EventBucketDto[];
}
