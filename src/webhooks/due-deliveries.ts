import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { retryAt } from './backoff.js';
import type { Attempt, DeliveryStatus } from './webhook-delivery.entity.js';

/** Longer than any attempt may take: then whoever took the delivery is gone. */
const LEASE_MS = 30_000;
/** One slow receiver must not hold all places of an instance. */
export const AT_ONCE_PER_WEBHOOK = 4;

/** A delivery that this instance has taken, for as long as its lease. */
export interface DueDelivery {
  id: string;
  payload: string;
  tries: number;
  webhook_id: string;
  url: string;
  secret_sealed: Buffer;
  previous_secret_sealed: Buffer | null;
  previous_secret_until: Date | null;
  /** The end of the lease, by which it is known whether it is still ours. */
  lease: Date;
}

/**
 * The deliveries whose time has come. An instance takes some by moving their time ahead: no other takes them meanwhile,
 * and if it dies they come due again by themselves.
 */
@Injectable()
export class DueDeliveries {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @param busy webhooks that have as many under way as they may. */
  async take(limit: number, busy: readonly string[]): Promise<DueDelivery[]> {
    const now = new Date(this.clock.now());
    const anything = await this.database.query(
      'select from webhook_deliveries where next_attempt_at <= $1 limit 1',
      [now],
    );
    if (anything.length === 0) return [];
    const lease = new Date(now.getTime() + LEASE_MS);
    const rows = await this.database.query<Omit<DueDelivery, 'lease'>>(TAKE, [
      now,
      lease,
      limit,
      AT_ONCE_PER_WEBHOOK,
      busy,
    ]);
    return rows.map((row) => ({ ...row, lease }));
  }

  /**
   * Writes down an attempt, and what follows from it.
   *
   * @returns what the delivery has ended as, if it has.
   */
  async record({ id, tries, lease }: DueDelivery, attempt: Attempt): Promise<DeliveryStatus | null> {
    const isDelivered = attempt.error === null;
    const retry = isDelivered ? null : retryAt(tries + 1, this.clock.now(), Math.random());
    const status = isDelivered ? 'delivered' : retry === null ? 'failed' : 'pending';
    const rows = await this.database.query<{ status: DeliveryStatus }>(RECORD, [
      id,
      lease,
      JSON.stringify(attempt),
      status,
      retry === null ? null : new Date(retry),
    ]);
    return status === 'pending' ? null : (rows[0]?.status ?? null);
  }

  /** Gives one back that was not tried to the end. */
  async release({ id, lease }: DueDelivery): Promise<void> {
    await this.database.query(
      'update webhook_deliveries set next_attempt_at = $3 where id = $1 and next_attempt_at = $2',
      [id, lease, new Date(this.clock.now())],
    );
  }
}

/** A few of each webhook, those that have waited longest first. */
const TAKE = `
  update webhook_deliveries d set next_attempt_at = $2
    from (select w.id as webhook_id, w.url, w.secret_sealed, w.previous_secret_sealed, w.previous_secret_until, p.id
            from webhooks w
           cross join lateral (
             select id, next_attempt_at from webhook_deliveries
              where webhook_id = w.id and next_attempt_at <= $1
              order by next_attempt_at limit $4 for update skip locked) as p
           where w.enabled and w.id <> all($5::text[])
           order by p.next_attempt_at limit $3) as due
   where d.id = due.id
  returning d.id, d.payload, d.tries, due.webhook_id, due.url, due.secret_sealed, due.previous_secret_sealed,
            due.previous_secret_until`;

/**
 * The attempt is written down in any case. What follows from it only while the delivery is still ours: meanwhile it may
 * have been queued anew, or its webhook disabled, which has taken its time away; then at least a success counts.
 */
const RECORD = `
  update webhook_deliveries set
    attempts = (case when jsonb_array_length(attempts) >= 50 then attempts - 0 else attempts end) || $3::jsonb,
    tries = case when next_attempt_at = $2 then tries + 1 else tries end,
    status = case when next_attempt_at = $2 or (next_attempt_at is null and $4 = 'delivered') then $4 else status end,
    next_attempt_at = case when next_attempt_at = $2 then $5::timestamptz else next_attempt_at end
   where id = $1
  returning status`;
