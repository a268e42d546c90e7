import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { firstHandleAt } from '../platform/ids.js';
import { Rounds } from './rounds.js';

const HOUR_MS = 3_600_000;
const KEPT_MS = 30 * 24 * HOUR_MS;
const BATCH = 1_000;

/** Drops deliveries after 30 days, with the names in them. Any instance may, and several at once. */
@Injectable()
export class OldDeliveries implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(OldDeliveries.name);
  private readonly rounds = new Rounds(
    () => this.drop(),
    HOUR_MS,
    this.logger,
    'old deliveries of webhooks cannot be dropped; trying on',
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** A batch, the oldest first; says whether there is more. Handles sort by time. */
  async drop(): Promise<boolean> {
    const dropped = await this.database.query(
      `delete from webhook_deliveries where id in (
         select id from webhook_deliveries where id < $1 order by id limit $2 for update skip locked)
       returning id`,
      [firstHandleAt('whd', this.clock.now() - KEPT_MS), BATCH],
    );
    return dropped.length === BATCH;
  }
}
