import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';

const INTERVAL_MS = 10 * 60_000;
const BATCH = 1_000;

/**
 * Deletes the answers whose time is over. They are honoured no more from that very moment; this is so that they are not
 * kept. Every instance does it, side by side: none waits for what another is deleting.
 */
@Injectable()
export class Forgetting implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Forgetting.name);
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.round ??= this.run()
        .catch((error: unknown) => {
          this.logger.error({ err: error as Error }, 'old answers cannot be deleted; trying on');
        })
        .finally(() => {
          this.round = null;
        });
    }, INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  /** Deletes all that is over by now, in small transactions. */
  async run(): Promise<void> {
    const now = new Date(this.clock.now());
    for (let deleted = BATCH; deleted === BATCH;) deleted = await this.deleteSome(now);
  }

  private async deleteSome(now: Date): Promise<number> {
    const rows = await this.database.query(
      `delete from idempotent_answers where ctid = any(array(
         select ctid from idempotent_answers where expires_at <= $1
          order by expires_at limit $2 for update skip locked))
       returning 1`,
      [now, BATCH],
    );
    return rows.length;
  }
}
