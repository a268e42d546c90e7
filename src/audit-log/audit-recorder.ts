import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../platform/database/batcher.js';
import { Database } from '../platform/database/database.js';
import type { Lane } from '../platform/database/lane.js';
import { Lanes } from '../platform/database/lanes.js';
import { AUDIT_COLUMNS, type AuditRow } from './audit-row.js';

const COLUMNS = AUDIT_COLUMNS.join(', ');
const INSERT = `insert into audit_events (${COLUMNS})
  select ${COLUMNS} from json_populate_recordset(null::audit_events, $1::json)`;

/** Writes events; whoever awaits it knows that they are on disk (`synchronous_commit`). */
@Injectable()
export class AuditRecorder implements OnApplicationShutdown {
  private readonly lane: Lane;
  private readonly batcher = new Batcher<AuditRow[], null>((jobs) => this.insert(jobs), {
    maxBatch: 256,
    maxWaiting: 4_096,
  });

  constructor(
    lanes: Lanes,
    private readonly database: Database,
  ) {
    this.lane = lanes.open('audit');
  }

  /**
   * Records decisions that changed nothing: in one commit with all others that are waiting.
   *
   * @throws Problem `unavailable` when they cannot be written; then the answer must not leave.
   */
  async record(rows: AuditRow[]): Promise<void> {
    await this.batcher.submit(rows);
  }

  /** Records a change's event inside the change's own transaction: both or neither. */
  async recordWithChange(rows: AuditRow[]): Promise<void> {
    await this.database.query(INSERT, [asJson(rows)]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.drained();
    await this.lane.close();
  }

  private async insert(jobs: AuditRow[][]): Promise<null[]> {
    await this.lane.run('audit-insert', INSERT, [asJson(jobs.flat())]);
    return jobs.map(() => null);
  }
}

/** PostgreSQL's text and jsonb refuse NUL and half surrogate pairs, wherever they came from. */
function asJson(rows: AuditRow[]): string {
  const json = JSON.stringify(rows);
  return /\\u(?:0000|d[89a-f])/.test(json) ? JSON.stringify(JSON.parse(json), wellFormed) : json;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value;
}
