import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { joinPending, splitPending } from './pending.js';
import { TreeStore } from './tree-store.js';

/** Any constant would do; it only has to be the same in every instance ("sequence" in hex, shortened). */
export const SEQUENCE_LOCK = 0x73657175656e;
/** How many inserts one pass takes: of up to 512 events each. */
const BATCHES_A_PASS = 64;
const PAUSE_MS = 40;
/** After a pass that failed, or while another instance is at it. */
const LONG_PAUSE_MS = 200;
/** How long what cannot be sequenced is left alone. */
const STUCK_PAUSE_MS = 10_000;

type Pass = 'sequenced' | 'more' | 'nothing' | 'elsewhere';

/**
 * Gives every event its place: a gap-free `index` within its workspace, and a leaf of the workspace's Merkle tree
 * (contract §6: within 1 s). Events commit in any order; what has committed waits in `audit_pending` until it is
 * taken, so that none is passed over, as one would be by following handles or a counter.
 *
 * Each pass is one transaction under an advisory lock, and keeps nothing in memory: any instance may do the next,
 * and one that is killed leaves nothing behind.
 */
@Injectable()
export class Sequencer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sequencer.name);
  private stopped = false;
  /** Rows of `audit_pending` that are passed over for a while. */
  private readonly stuck = new Set<string>();
  private running: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly trees: TreeStore,
  ) {}

  onModuleInit(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  /** Sequences what is there now, and says how that went. */
  async pass(): Promise<Pass> {
    if (!(await this.isAnythingPending())) return 'nothing';
    try {
      return await this.sequence(BATCHES_A_PASS);
    } catch (error) {
      if (error instanceof Problem) throw error;
      // Whatever it is, it is in one log: the others must not wait for it.
      await this.sequenceApart();
      throw error;
    }
  }

  private sequence(batches: number): Promise<Pass> {
    return this.inTurn(async () => {
      const rows = await this.take(batches);
      if (rows.length === 0) return 'nothing';
      await this.trees.append(joinPending(rows.map(({ payload }) => payload)));
      return rows.length === BATCHES_A_PASS ? 'more' : 'sequenced';
    });
  }

  /** Log by log; what cannot be sequenced is left, and tried again after a while. */
  private async sequenceApart(): Promise<void> {
    const apart: string[] = [];
    await this.inTurn(async () => {
      const rows = await this.take(BATCHES_A_PASS);
      for (const payload of splitPending(rows.map((row) => row.payload)))
        apart.push(await this.putBack(payload));
      return 'sequenced';
    });
    for (const id of apart) this.stuck.add(id);
    for (const id of apart) {
      this.stuck.delete(id);
      await this.sequence(1).catch(() => this.stuck.add(id));
    }
    setTimeout(() => {
      this.stuck.clear();
    }, STUCK_PAUSE_MS).unref();
  }

  /** The work in a transaction, unless another instance is at it. */
  private inTurn(work: () => Promise<Pass>): Promise<Pass> {
    return this.database.transaction(async () => {
      const [lock] = await this.database.query<{ held: boolean }>(
        'select pg_try_advisory_xact_lock($1) as held',
        [SEQUENCE_LOCK],
      );
      return lock?.held === true ? work() : 'elsewhere';
    });
  }

  private async run(): Promise<void> {
    let isWell = true;
    while (!this.stopped) {
      try {
        const result = await this.pass();
        isWell = true;
        if (result !== 'more') await this.pause(result === 'elsewhere' ? LONG_PAUSE_MS : PAUSE_MS);
      } catch (error) {
        // Once for each trouble, not five times a second.
        if (isWell) this.logger.error({ err: error as Error }, 'events cannot be sequenced; trying on');
        isWell = false;
        await this.pause(LONG_PAUSE_MS);
      }
    }
  }

  /** Without a transaction, which would cost four round trips each time that nothing has happened. */
  private async isAnythingPending(): Promise<boolean> {
    const rows = await this.database.query(
      'select from audit_pending where id <> all($1::bigint[]) limit 1',
      [[...this.stuck]],
    );
    return rows.length > 0;
  }

  private async take(batches: number): Promise<{ id: string; payload: string }[]> {
    const rows = await this.database.query<{ id: string; payload: string }>(
      `delete from audit_pending
        where id in (select id from audit_pending where id <> all($2::bigint[]) order by id limit $1)
       returning id, payload`,
      [batches, [...this.stuck]],
    );
    return rows.sort((a, b) => Number(a.id) - Number(b.id));
  }

  private async putBack(payload: string): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      'insert into audit_pending (payload) values ($1) returning id',
      [payload],
    );
    return row!.id;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
