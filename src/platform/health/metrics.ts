import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';

/** What Prometheus scrapes. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** Answers that left an audited route without their event on disk. Must stay 0. */
  readonly auditMissing = new Counter({
    name: 'audit_missing_total',
    help: 'Answers of audited routes that left without an audit event; must stay 0',
    registers: [this.registry],
  });

  readonly answers = new Counter({
    name: 'http_answers_total',
    help: 'Answers by route template, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    registers: [this.registry],
  });

  readonly shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests refused with 503 because more came than could be answered in time',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
