import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../platform/clock.js';
import { Config } from '../../platform/config/config.js';
import type { Month } from '../../platform/database/months.js';
import { inTransaction, type Run } from '../../platform/database/owner.js';
import { sqlState } from '../../platform/database/unavailable.js';
import { firstHandleAt } from '../../platform/ids.js';
import { monthsBefore, PARTITIONED, tablesOf } from './expired-months.js';
import { droppedPlaces } from './dropped-places.js';
import { forgetNames } from './forget-names.js';
import { keepWhatOutlives } from './outlive.js';
import { recordBySystem, type SystemEvent } from './system-events.js';

const DAY_MS = 86_400_000;
/**
 * What is dropped needs the log to itself for a moment. Everybody who comes meanwhile waits behind us, so we wait only
 * so long for those who are reading, and then let everybody by.
 */
const LOCK_WAIT_MS = 50;
const ATTEMPTS = 60;
const PAUSE_MS = 2_000;
const QUERY_CANCELED = '57014';

/** One workspace's part of a month. */
interface Part {
  workspace_id: string;
  events: number;
  sequenced: number;
  first_index: number;
  last_index: number;
}

/** Drops what the operator no longer wants to keep: whole months of the log, never single events. */
@Injectable()
export class Retention {
  private readonly logger = new Logger(Retention.name);

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  get isWanted(): boolean {
    return this.config.auditRetentionDays !== null;
  }

  /** Drops the months whose every event is older than it is kept, the oldest first. */
  async dropExpired(run: Run): Promise<void> {
    const days = this.config.auditRetentionDays;
    if (days === null) return;
    for (const month of await monthsBefore(run, this.clock.now() - days * DAY_MS)) {
      try {
        const logs = await inTransaction(run, () => this.drop(run, month, days));
        await forgetNames(run, logs);
        this.logger.log(`${month.name} was dropped from the audit log`);
      } catch (error) {
        if (!(error instanceof NotNow)) throw error;
        this.logger.warn(`${month.name} is still in the audit log: ${error.message}`);
      }
    }
  }

  /**
   * All of it in one transaction: what outlives the month, the events that tell of it, and its end.
   *
   * @returns whose logs it was part of.
   */
  private async drop(run: Run, month: Month, retentionDays: number): Promise<string[]> {
    const tables = tablesOf(month);
    // From here on the month stays as it is; nobody writes to it but a clock that is far behind.
    await run(`lock table ${Object.values(tables).join(', ')} in share mode`);
    if (await hasPending(run, month)) throw new NotNow('some of its events have no place in the log yet');
    const parts = await run<Part>(
      `select e.workspace_id, count(*)::int as events, count(n.index)::int as sequenced,
              min(n.index)::float8 as first_index, max(n.index)::float8 as last_index
         from ${tables.audit_events} e
         left join ${tables.audit_entries} n on n.workspace_id = e.workspace_id and n.event_id = e.id
        group by e.workspace_id order by e.workspace_id`,
    );
    if (parts.some(({ events, sequenced }) => events !== sequenced))
      throw new NotNow('some of its events have lost their place in the log');
    const logs = parts.map(({ workspace_id }) => workspace_id);
    await keepWhatOutlives(run, month, logs);
    const told: SystemEvent[] = [];
    for (const { workspace_id, events, first_index, last_index } of parts) {
      told.push({
        action: 'audit.retain',
        workspaceId: workspace_id,
        details: {
          month: month.name.replace('_', '-'),
          events,
          first_index,
          last_index,
          dropped: await droppedPlaces(run, month, workspace_id),
          retention_days: retentionDays,
        },
      });
    }
    await recordBySystem(run, this.clock.now(), told);
    await dropTables(run, Object.values(tables));
    return logs;
  }
}

/** The month stays, at least until the next time. */
class NotNow extends Error {}

async function hasPending(run: Run, month: Month): Promise<boolean> {
  const rows = await run(
    `select from audit_pending, json_array_elements(payload::json -> 'events') as event
      where (event ->> 1) collate "C" >= $1 and (event ->> 1) collate "C" < $2 limit 1`,
    [firstHandleAt('evt', month.from), firstHandleAt('evt', month.to)],
  );
  return rows.length > 0;
}

/**
 * Dropped at once rather than detached first: their files are deleted after the locks are let go, and nothing can be
 * left behind in between. All locks are had before anything is done, the parents' first, as readers take them.
 */
async function dropTables(run: Run, tables: readonly string[]): Promise<void> {
  const others = PARTITIONED.map((table) => `${table}_others`);
  const locked = [...PARTITIONED.map((table) => `only ${table}`), ...others, ...tables];
  for (let attempt = 1; ; attempt++) {
    await run('savepoint before_drop');
    try {
      await run(`set local statement_timeout = ${LOCK_WAIT_MS}; lock table ${locked.join(', ')};
        set local statement_timeout = 0; drop table ${tables.join(', ')}`);
      return;
    } catch (error) {
      if (sqlState(error) !== QUERY_CANCELED) throw error;
      if (attempt === ATTEMPTS) throw new NotNow('the log is being read all the time');
      await run('rollback to savepoint before_drop');
    }
    await delay(PAUSE_MS);
  }
}
