import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { StartFault } from '../../platform/database/embedded/start-fault.js';
import { Owner, type Run } from '../../platform/database/owner.js';
import { makePartitions, ownsLog } from '../../platform/database/partitions.js';
import { Retention } from './retention.js';

/** Any constant would do; it only has to be the same in every instance ("keep" in hex). */
const KEEPING_LOCK = 0x6b656570;
const DAY_MS = 86_400_000;

/** What the log needs once a day: partitions for the months to come, and an end for those no longer wanted. */
@Injectable()
export class Housekeeping implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Housekeeping.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly owner: Owner,
    private readonly retention: Retention,
    private readonly clock: Clock,
  ) {}

  /**
   * Begins with the first day's work, and does not wait for it.
   *
   * @throws StartFault when events are to be dropped by a role that cannot.
   */
  async start(): Promise<void> {
    const isAble = this.owner.isKnown && (await this.owner.connected(ownsLog));
    if (!isAble && this.retention.isWanted) {
      throw new StartFault(
        'TOOKEN_AUDIT_RETENTION_DAYS needs a role that owns the tables of the audit log; set DATABASE_MIGRATION_URL to one.',
      );
    }
    if (!isAble) {
      this.logger.warn(
        'partitions of the audit log cannot be made by this role: start with DATABASE_MIGRATION_URL every few months',
      );
      return;
    }
    this.begin();
    this.timer = setInterval(() => this.begin(), DAY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.owner.cut();
    await this.running;
  }

  /** One day's work; nothing, while another instance is at it. */
  async run(): Promise<void> {
    await this.owner.connected(async (run) => {
      const [lock] = await run<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [KEEPING_LOCK]);
      if (lock?.held === true) await this.work(run);
    });
  }

  private begin(): void {
    this.running = this.running
      .then(() => this.run())
      .catch((error: unknown) => {
        if (this.stopped) return;
        this.logger.error(
          { err: error as Error },
          'the daily work on the audit log failed; trying again tomorrow',
        );
      });
  }

  private async work(run: Run): Promise<void> {
    for (const trouble of await makePartitions(run, this.clock.now())) this.logger.warn(trouble);
    await this.retention.dropExpired(run);
  }
}
