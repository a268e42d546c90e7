import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Database } from '../platform/database/database.js';
import { Metrics } from '../platform/health/metrics.js';

/** More are not counted at each scrape. */
const MOST_COUNTED = 10_000;

/** What Prometheus learns of notices. */
@Injectable()
export class WebhookMetrics {
  readonly attempts: Counter<'outcome'>;
  readonly ended: Counter<'status'>;

  constructor({ registry }: Metrics, database: Database) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'webhook_attempts_total',
      help: 'Attempts of this instance to deliver a notice, by outcome',
      labelNames: ['outcome'],
      registers,
    });
    this.ended = new Counter({
      name: 'webhook_deliveries_total',
      help: 'Deliveries that ended by an attempt of this instance, delivered or failed for good',
      labelNames: ['status'],
      registers,
    });
    new Gauge({
      name: 'webhook_deliveries_pending',
      help: `Deliveries that wait for their next attempt, on all instances; counted up to ${String(MOST_COUNTED)}`,
      registers,
      async collect() {
        const [row] = await database
          .query<{ pending: number }>(
            `select count(*)::int as pending from (
               select from webhook_deliveries where next_attempt_at is not null limit $1) as waiting`,
            [MOST_COUNTED],
          )
          // The other figures are wanted all the more when the database is away.
          .catch(() => []);
        if (row !== undefined) this.set(row.pending);
      },
    });
  }
}
