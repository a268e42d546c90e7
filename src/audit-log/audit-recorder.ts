import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../platform/database/batcher.js';
import { STATEMENT_LIMIT_MS } from '../platform/database/data-source.js';
import { Database } from '../platform/database/database.js';
import type { Lane, Statement } from '../platform/database/lane.js';
import { Lanes } from '../platform/database/lanes.js';
import { unavailable } from '../platform/database/unavailable.js';
import { Problem } from '../platform/errors/problem.js';
import type { AuditEntry, AuditRow } from './audit-row.js';
import { asInserted, INSERT_EVENTS } from './recording/insert-events.js';
import { seal, type SealedEvent } from './recording/seal.js';

/** However long the change has taken, its event gets a fair try. */
const LEAST_LIMIT_MS = 250;

/** While one batch waits for the disk, the next is on its way (docs/decisions/0011). */
const LANES = 2;

/** Writes events; whoever awaits it knows that they are on disk (`synchronous_commit`). */
@Injectable()
export class AuditRecorder implements OnApplicationShutdown {
  private readonly lanes: readonly Lane[];
  /** Counted in events: a batch of verifications has a hundred. */
  private readonly batcher = new Batcher<SealedEvent[], null>(
    (jobs, at) => this.insert(jobs, this.lanes[at]!),
    {
      maxBatch: 64,
      maxWaiting: 8_192,
      atOnce: LANES,
      sizeOf: (events) => events.length,
    },
  );

  constructor(
    lanes: Lanes,
    private readonly database: Database,
  ) {
    this.lanes = Array.from({ length: LANES }, () => lanes.open('audit'));
  }

  /**
   * Records decisions that changed nothing: in one commit with all others that are waiting.
   *
   * @throws Problem `unavailable` when they cannot be written; then the answer must not leave.
   */
  async record({ rows, deadline }: AuditEntry): Promise<void> {
    await this.batcher.submit(rows.map(seal), deadline).catch(refuseToAnswer);
  }

  /**
   * Records a change's event inside the change's own transaction: both or neither.
   *
   * @throws Problem `unavailable` when it cannot be written; then the change must not stand.
   */
  async recordWithChange(entry: AuditEntry): Promise<void> {
    await this.insertWithChange(entry).catch(refuseToAnswer);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.drained();
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private async insertWithChange({ rows, deadline }: AuditEntry): Promise<void> {
    const left = Math.max(Math.floor(deadline - performance.now()), LEAST_LIMIT_MS);
    // Only after a change that had to wait: it costs a round trip.
    if (left < STATEMENT_LIMIT_MS / 2) {
      await this.database.query(`select set_config('statement_timeout', $1, true)`, [String(left)]);
    }
    await this.database.query(INSERT_EVENTS, asInserted(rows.map(seal)));
  }

  private async insert(jobs: SealedEvent[][], lane: Lane): Promise<null[]> {
    const { name, text, values } = insertOf(jobs.flat());
    await lane.run(name, text, values);
    return jobs.map(() => null);
  }
}

/**
 * For decisions that are made in the transaction of a lane: records them there, so that what they count and what tells
 * of it are both there, or neither.
 */
export function recordingOf(rows: readonly AuditRow[]): Statement {
  return insertOf(rows.map(seal));
}

function insertOf(events: readonly SealedEvent[]): Statement {
  return { name: 'audit-insert', text: INSERT_EVENTS, values: asInserted(events) };
}

/** Whatever the reason that an event cannot be written: 503 (contract §6). */
export function refuseToAnswer(error: unknown): never {
  throw error instanceof Problem ? error : unavailable(error);
}
