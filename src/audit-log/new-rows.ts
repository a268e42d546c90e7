import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../platform/database/batcher.js';
import { Database } from '../platform/database/database.js';
import { asStatements, type Insertion } from '../platform/database/insertion.js';
import type { Lane } from '../platform/database/lane.js';
import { Lanes } from '../platform/database/lanes.js';
import { isOutOfReach, unavailable } from '../platform/database/unavailable.js';
import type { AuditDraft } from './audit-draft.js';
import { recordingOf } from './audit-recorder.js';
import type { AuditRow } from './audit-row.js';
import type { OpenRecord } from './open-record.js';

interface Birth {
  insertions: readonly Insertion[];
  events: AuditRow[];
}

/**
 * Inserts what comes into being and depends on nothing that another may change meanwhile, such as a new token: with its
 * event, in one commit with all others that are waiting. Its route is `@OnlyInserts`.
 */
@Injectable()
export class NewRows implements OnApplicationShutdown {
  private readonly lane: Lane;
  private readonly batcher = new Batcher<Birth, null>((births) => this.insertAll(births), {
    maxBatch: 256,
    maxWaiting: 4_096,
  });

  constructor(
    lanes: Lanes,
    private readonly database: Database,
  ) {
    this.lane = lanes.open('new rows');
  }

  /**
   * @param event has to tell all by now.
   * @throws Problem `unavailable` when the database cannot be asked or refuses the event, its own error when it refuses
   * the rows; then there is neither.
   */
  async insert(event: AuditDraft, record: OpenRecord, insertions: readonly Insertion[]): Promise<void> {
    if (this.database.isInTransaction) {
      // The answer is remembered in it as well. Who has opened it records the event.
      for (const { text, values } of asStatements(insertions)) await this.database.query(text, values);
      return;
    }
    const birth = { insertions, events: record() };
    await this.batcher.submit(birth, event.deadline ?? undefined);
    event.recorded = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.drained();
    await this.lane.close();
  }

  private async insertAll(births: readonly Birth[]): Promise<null[]> {
    await this.lane.atOnce([
      ...asStatements(births.flatMap(({ insertions }) => insertions)),
      { ...recordingOf(births.flatMap(({ events }) => events)), told: refusedEvent },
    ]);
    return births.map(() => null);
  }
}

/** 503, whatever the reason (contract §6); but what keeps everybody from writing is said as it is, or each would try. */
function refusedEvent(error: unknown): unknown {
  return isOutOfReach(error) ? error : unavailable(error);
}
