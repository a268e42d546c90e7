import type { Logger } from '@nestjs/common';

/** After a round that failed. */
const TROUBLE_PAUSE_MS = 1_000;

/** Does the same again and again, until it is stopped: at once while there is more to do, else after a pause. */
export class Rounds {
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private wake: () => void = () => undefined;

  /**
   * @param round what to do; it says whether there is more.
   * @param trouble what to log when it fails: once for each trouble, not at every round.
   */
  constructor(
    private readonly round: () => Promise<boolean>,
    private readonly pauseMs: number,
    private readonly logger: Logger,
    private readonly trouble: string,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Resolves when the round that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  /** Cuts a pause short. */
  hurry(): void {
    this.wake();
  }

  private async run(): Promise<void> {
    let isWell = true;
    while (!this.isStopped()) {
      try {
        const hasMore = await this.round();
        isWell = true;
        if (!hasMore) await this.pause(this.pauseMs);
      } catch (error) {
        if (isWell) this.logger.error({ err: error as Error }, this.trouble);
        isWell = false;
        await this.pause(TROUBLE_PAUSE_MS);
      }
    }
  }

  /** Asked anew after every wait. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
