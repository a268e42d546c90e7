import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { OneOf, Optional } from '../platform/input/fields.js';
import { PageQuery } from '../platform/pagination/page.dto.js';
import { SENT_TYPES, type SentType } from './notice-types.js';
import {
  DELIVERY_STATUSES,
  type Attempt,
  type DeliveryStatus,
  type WebhookDelivery,
} from './webhook-delivery.entity.js';

const EVENT_ID = 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya';
const TIME = '2026-11-21T12:00:00.123Z';

export class ListDeliveriesQuery extends PageQuery {
  /** Only those that stand so. */
  @Optional()
  @OneOf(DELIVERY_STATUSES, { example: 'failed' })
  status?: DeliveryStatus;
}

@ApiSchema({ description: 'One try to deliver a notice.' })
export class AttemptDto {
  /** When it began. */
  @ApiProperty({ format: 'date-time', example: TIME })
  at!: string;

  /** Of the answer; null when there was none. */
  @ApiProperty({ type: 'integer', nullable: true, example: 503 })
  status!: number | null;

  /** How long it took, in milliseconds; 10 s at most. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 41 })
  duration_ms!: number;

  /** What went wrong, for people; null when it was delivered. What the receiver wrote is not kept. */
  @ApiProperty({ type: String, nullable: true, example: 'Answered 503' })
  error!: string | null;
}

@ApiSchema({ description: 'A notice on its way to a webhook. Kept for 30 days.' })
export class DeliveryDto {
  /** Its handle, and the `webhook-id` of every attempt. */
  @ApiProperty({ example: 'whd_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Where it goes. */
  @ApiProperty({ example: 'wh_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  webhook_id!: string;

  /** What it tells. */
  @ApiProperty({ enum: SENT_TYPES, example: 'token.expiring' })
  type!: SentType;

  /** The event of the audit log that it tells of. */
  @ApiProperty({ example: EVENT_ID })
  event_id!: string;

  /** `delivered` once it was answered with 2xx, `failed` after the last attempt, `pending` before. */
  @ApiProperty({ enum: DELIVERY_STATUSES, example: 'pending' })
  status!: DeliveryStatus;

  /** When it was queued. */
  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  /** When it is tried next; null when it is over, or waits for its webhook to be enabled. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  next_attempt_at!: string | null;

  /** The latest attempt; null before the first. */
  @ApiProperty({ type: AttemptDto, nullable: true, example: null })
  last_attempt!: AttemptDto | null;
}

@ApiSchema({ description: 'A delivery with all that was tried, and with what is sent.' })
export class DeliveryDetailDto extends DeliveryDto {
  /** The last 50, the first of them first. */
  @ApiProperty({ type: [AttemptDto] })
  attempts!: AttemptDto[];

  /** The body, as docs/webhooks.md describes it for each type. */
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: {
      type: 'token.expiring',
      timestamp: TIME,
      data: { workspace: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya', environment: 'live', event_id: EVENT_ID, days: 7 },
    },
  })
  payload!: Record<string, unknown>;
}

@ApiSchema({ description: 'One page of deliveries.' })
export class DeliveryPage {
  /** Newest first. */
  @ApiProperty({ type: [DeliveryDto] })
  data!: DeliveryDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderDelivery(row: WebhookDelivery): DeliveryDto {
  return {
    id: row.id,
    webhook_id: row.webhookId,
    type: row.type,
    event_id: row.eventId,
    status: row.status,
    created_at: row.createdAt.toISOString(),
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    last_attempt: row.attempts.length === 0 ? null : renderAttempt(row.attempts.at(-1)!),
  };
}

export function renderDeliveryDetail(row: WebhookDelivery): DeliveryDetailDto {
  return {
    ...renderDelivery(row),
    attempts: row.attempts.map(renderAttempt),
    payload: JSON.parse(row.payload) as Record<string, unknown>,
  };
}

/** In the order of the document; the database keeps none. */
function renderAttempt({ at, status, duration_ms, error }: Attempt): AttemptDto {
  return { at, status, duration_ms, error };
}
