import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config/config.js';
import { OutboundFault, post } from '../platform/outbound/post.js';
import { AT_ONCE_PER_WEBHOOK, DueDeliveries, type DueDelivery } from './due-deliveries.js';
import { Rounds } from './rounds.js';
import { signedHeaders } from './signed-headers.js';
import type { Attempt } from './webhook-delivery.entity.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookSeal } from './webhook-seal.js';

const LOOK_EVERY_MS = 400;
/** Under way at a time in one instance. */
const AT_ONCE = 48;
/** When the product stops, so long what is under way may take; then it is given back, and sent again later. */
const LAST_ANSWERS_MS = 2_000;

/** Sends what is due: at least once, by one instance at a time, and far from any request. */
@Injectable()
export class Deliverer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Deliverer.name);
  private readonly rounds = new Rounds(
    () => this.pass(),
    LOOK_EVERY_MS,
    this.logger,
    'notices cannot be sent; trying on',
  );
  /** What is under way, and to which webhook. */
  private readonly sending = new Map<Promise<void>, string>();
  private readonly stop = new AbortController();

  constructor(
    private readonly due: DueDeliveries,
    private readonly seal: WebhookSeal,
    private readonly metrics: WebhookMetrics,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.rounds.stop();
    const all = Promise.all(this.sending.keys());
    const patience = new AbortController();
    await Promise.race([all, delay(LAST_ANSWERS_MS, undefined, patience).catch(() => undefined)]);
    patience.abort();
    this.stop.abort();
    await all;
  }

  /** Begins to send what there are places for; says whether there may be more. */
  private async pass(): Promise<boolean> {
    const places = AT_ONCE - this.sending.size;
    if (places <= 0) return false;
    const taken = await this.due.take(places, this.busy());
    for (const delivery of taken) {
      const sent = this.send(delivery).catch((error: unknown) => {
        this.logger.error({ err: error as Error, delivery: delivery.id }, 'an attempt was not written down');
      });
      this.sending.set(sent, delivery.webhook_id);
      void sent.then(() => {
        this.sending.delete(sent);
        this.rounds.hurry();
      });
    }
    return taken.length > 0;
  }

  private busy(): string[] {
    const webhooks = [...this.sending.values()];
    return [...new Set(webhooks)].filter(
      (id) => webhooks.filter((each) => each === id).length >= AT_ONCE_PER_WEBHOOK,
    );
  }

  private async send(delivery: DueDelivery): Promise<void> {
    const attempt = await this.attempt(delivery);
    if (attempt === null) {
      await this.due.release(delivery);
      return;
    }
    this.metrics.attempts.inc({ outcome: attempt.error === null ? 'delivered' : 'failed' });
    const ended = await this.due.record(delivery, attempt);
    if (ended !== null) this.metrics.ended.inc({ status: ended });
  }

  /** Null when the product stops in the middle of it. */
  private async attempt(delivery: DueDelivery): Promise<Attempt | null> {
    const { id, payload, url } = delivery;
    const at = this.clock.now();
    const started = performance.now();
    const ended = (status: number | null, error: string | null): Attempt => ({
      at: new Date(at).toISOString(),
      status,
      duration_ms: Math.round(performance.now() - started),
      error,
    });
    try {
      const headers = signedHeaders(id, payload, this.secretsOf(delivery, at), at);
      const { webhookAllowPrivate: listed } = this.config;
      const status = await post({ url, headers, body: payload, listed, signal: this.stop.signal });
      return ended(status, faultOf(status));
    } catch (error) {
      if (this.stop.signal.aborted) return null;
      if (error instanceof OutboundFault) return ended(null, error.message);
      this.logger.error({ err: error as Error, delivery: id }, 'a notice could not be signed');
      return ended(null, 'The notice could not be signed');
    }
  }

  /** After a rotation the secret before it too, for a day. */
  private secretsOf(delivery: DueDelivery, now: number): string[] {
    const { webhook_id, secret_sealed, previous_secret_sealed, previous_secret_until } = delivery;
    const hasPrevious = previous_secret_until !== null && previous_secret_until.getTime() > now;
    return [secret_sealed, hasPrevious ? previous_secret_sealed : null]
      .filter((sealed) => sealed !== null)
      .map((sealed) => this.seal.open(sealed, webhook_id));
  }
}

/** What is wrong with an answer of this status, in words; null if nothing is. Pure. */
function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? 'Redirects are not followed' : `Answered ${String(status)}`;
}
