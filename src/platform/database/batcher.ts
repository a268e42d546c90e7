import { isOutOfReach, unavailable } from './unavailable.js';

interface Waiting<Job, Result> {
  job: Job;
  size: number;
  /** By `performance.now()`. */
  deadline: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface BatcherOptions<Job> {
  /** How much one statement carries. */
  maxBatch: number;
  /** How much may wait; what comes on top is refused with 503 rather than held. */
  maxWaiting: number;
  /** How many batches may be under way at once; 1 unless told. */
  atOnce?: number;
  /** How much of batch and waiting a job takes; 1 unless told. */
  sizeOf?: (job: Job) => number;
}

/** How long a job waits for its result before it is told 503, unless it has its own deadline. */
const WAIT_LIMIT_MS = 2_500;
const LOOK_FOR_OVERDUE_MS = 100;

/**
 * Group commit: carries out all the jobs that are waiting in one statement, and the next batch as soon as a previous
 * one returned. No delay: alone, a job goes at once; under load, the batches grow by themselves.
 */
export class Batcher<Job, Result> {
  private waiting: Waiting<Job, Result>[] = [];
  private waitingSize = 0;
  private readonly underWay = new Set<readonly Waiting<Job, Result>[]>();
  /** Who carries out one batch after the other, by number; empty while there is nothing to do. */
  private readonly workers = new Map<number, Promise<void>>();
  private isOneBeginning = false;
  private lookForOverdue: NodeJS.Timeout | undefined;

  /** @param run carries out a batch; its results are in the order of its jobs. No two run at once for one worker. */
  constructor(
    private readonly run: (jobs: Job[], worker: number) => Promise<Result[]>,
    private readonly options: BatcherOptions<Job>,
  ) {}

  /**
   * @param deadline by `performance.now()`. A job that is still waiting then is not carried out any more; one that
   * is under way may yet be, as after a lost connection.
   * @throws Problem `unavailable` when too many wait already, the database is out of reach, or time is up.
   */
  submit(job: Job, deadline = performance.now() + WAIT_LIMIT_MS): Promise<Result> {
    const size = this.options.sizeOf?.(job) ?? 1;
    const isTooLate = performance.now() >= deadline;
    if (isTooLate || this.waitingSize >= this.options.maxWaiting) return Promise.reject(unavailable());
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ job, size, deadline, resolve, reject });
      this.waitingSize += size;
      this.begin();
    });
  }

  /** Resolves once nothing is waiting or running. */
  async drained(): Promise<void> {
    while (this.workers.size > 0) await Promise.all(this.workers.values());
  }

  private begin(): void {
    const { workers } = this;
    if (this.isOneBeginning || workers.size === (this.options.atOnce ?? 1)) return;
    let worker = 0;
    while (workers.has(worker)) worker += 1;
    this.isOneBeginning = true;
    this.lookForOverdue ??= setInterval(() => {
      this.giveUpOverdue();
    }, LOOK_FOR_OVERDUE_MS);
    // Everything that arrived in this turn of the event loop shares the first batch.
    workers.set(
      worker,
      new Promise<void>((done) => setImmediate(done)).then(() => this.work(worker)),
    );
  }

  private async work(worker: number): Promise<void> {
    this.isOneBeginning = false;
    while (this.waiting.length > 0) {
      const batch = this.take();
      // What is left need not wait for this one where another may be under way beside it.
      if (this.waiting.length > 0) this.begin();
      this.underWay.add(batch);
      await this.carryOut(batch, worker);
      this.underWay.delete(batch);
    }
    this.workers.delete(worker);
    if (this.workers.size > 0) return;
    clearInterval(this.lookForOverdue);
    this.lookForOverdue = undefined;
  }

  /** The next batch: at least one job, and no more than a statement carries. */
  private take(): Waiting<Job, Result>[] {
    let count = 0;
    let size = 0;
    for (const next of this.waiting) {
      if (count > 0 && size + next.size > this.options.maxBatch) break;
      size += next.size;
      count += 1;
    }
    this.waitingSize -= size;
    return this.waiting.splice(0, count);
  }

  private async carryOut(batch: readonly Waiting<Job, Result>[], worker: number): Promise<void> {
    try {
      const results = await this.run(
        batch.map(({ job }) => job),
        worker,
      );
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (isOutOfReach(error)) {
        // Those still waiting would wait in vain as long again: nobody may wait longer than one statement may.
        this.giveUp([...batch, ...this.keepWaiting([])], error);
      } else if (batch.length === 1) {
        batch[0]!.reject(error);
      } else {
        // One bad row must not fail its neighbours: halve until it stands alone.
        const half = batch.length >>> 1;
        await this.carryOut(batch.slice(0, half), worker);
        await this.carryOut(batch.slice(half), worker);
      }
    }
  }

  private giveUpOverdue(): void {
    const now = performance.now();
    const isOverdue = ({ deadline }: Waiting<Job, Result>): boolean => deadline <= now;
    for (const batch of this.underWay) this.giveUp(batch.filter(isOverdue));
    if (this.waiting.some(isOverdue)) {
      const rest = this.waiting.filter((each) => !isOverdue(each));
      this.giveUp(this.keepWaiting(rest).filter(isOverdue));
    }
  }

  private giveUp(jobs: readonly Waiting<Job, Result>[], cause?: unknown): void {
    for (const { reject } of jobs) reject(unavailable(cause));
  }

  /** Lets only these wait on; returns all that were waiting. */
  private keepWaiting(rest: Waiting<Job, Result>[]): Waiting<Job, Result>[] {
    const before = this.waiting;
    this.waiting = rest;
    this.waitingSize = rest.reduce((sum, { size }) => sum + size, 0);
    return before;
  }
}
