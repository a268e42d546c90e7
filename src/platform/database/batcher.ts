import { isOutOfReach, unavailable } from './unavailable.js';

interface Waiting<Job, Result> {
  job: Job;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface BatcherOptions {
  /** Jobs one statement may carry. */
  maxBatch: number;
  /** Jobs that may wait; one more is refused with 503 rather than held. */
  maxWaiting: number;
}

/**
 * Group commit: carries out all the jobs that are waiting in one statement, and the next batch as soon as the
 * previous one returned. No timer: alone, a job goes at once; under load, the batches grow by themselves.
 */
export class Batcher<Job, Result> {
  private waiting: Waiting<Job, Result>[] = [];
  private running: Promise<void> | null = null;

  /** @param run carries out a batch; its results are in the order of its jobs. */
  constructor(
    private readonly run: (jobs: Job[]) => Promise<Result[]>,
    private readonly options: BatcherOptions,
  ) {}

  /** @throws Problem `unavailable` when too many wait already or the database is out of reach. */
  submit(job: Job): Promise<Result> {
    if (this.waiting.length >= this.options.maxWaiting) return Promise.reject(unavailable());
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      // Everything that arrived in this turn of the event loop shares the first batch.
      this.running ??= new Promise<void>((done) => setImmediate(done)).then(() => this.work());
    });
  }

  /** Resolves once nothing is waiting or running. */
  async drained(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.carryOut(this.waiting.splice(0, this.options.maxBatch));
    }
    this.running = null;
  }

  private async carryOut(batch: Waiting<Job, Result>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ job }) => job));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (isOutOfReach(error)) {
        // Those still waiting would wait in vain as long again: nobody may wait longer than one statement may.
        for (const { reject } of [...batch, ...this.waiting.splice(0)]) reject(unavailable(error));
      } else if (batch.length === 1) {
        batch[0]!.reject(error);
      } else {
        // One bad row must not fail its neighbours: halve until it stands alone.
        const half = batch.length >>> 1;
        await this.carryOut(batch.slice(0, half));
        await this.carryOut(batch.slice(half));
      }
    }
  }
}
