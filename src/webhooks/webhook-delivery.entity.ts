import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';
import type { SentType } from './notice-types.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One try to deliver a notice. */
export interface Attempt {
  /** RFC 3339. */
  at: string;
  /** Of the answer; null when there was none. */
  status: number | null;
  duration_ms: number;
  /** In words; null when it was delivered. */
  error: string | null;
}

/** One notice on its way to one webhook; its id is the notice's too, at every attempt. */
@Entity('webhook_deliveries')
@Index('webhook_deliveries_once', ['webhookId', 'occasion'], { unique: true })
@Index('webhook_deliveries_of_webhook', ['webhookId', 'id'])
@Index('webhook_deliveries_by_status', ['webhookId', 'status', 'id'])
@Index('webhook_deliveries_due', ['nextAttemptAt'], { where: 'next_attempt_at is not null' })
@Index('webhook_deliveries_due_of_webhook', ['webhookId', 'nextAttemptAt'], {
  where: 'next_attempt_at is not null',
})
@Check('webhook_deliveries_status_check', `status in ('pending', 'delivered', 'failed')`)
export class WebhookDelivery {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('Webhook', { name: 'webhook_deliveries_webhook_fkey', onDelete: 'CASCADE' })
  @Column({ type: 'text', collation: 'C' })
  webhookId!: string;

  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column('text')
  type!: SentType;

  /** The event it tells of. */
  @Column({ type: 'text', collation: 'C' })
  eventId!: string;

  /** What it tells of once only: the event, or for what may happen all the time the hour in which it does. */
  @Column({ type: 'text', collation: 'C' })
  occasion!: string;

  /** The bytes that are signed and sent. */
  @Column('text')
  payload!: string;

  @Column('text')
  status!: DeliveryStatus;

  /** Attempts that failed since it was queued, or queued anew. */
  @Column({ type: 'integer', default: 0 })
  tries!: number;

  /** The last ones, the first of them first. */
  @Column({ type: 'jsonb', default: [] })
  attempts!: Attempt[];

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /**
   * When to try next; null when it is over, or its webhook is disabled. While an instance is at it, this is the moment
   * at which another may take it for lost.
   */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  nextAttemptAt!: Date | null;
}
