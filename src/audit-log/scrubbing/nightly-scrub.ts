import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Lanes } from '../../platform/database/lanes.js';
import { firstHandleAt } from '../../platform/ids.js';
import { AuditDraft, INSTANCE_LOG } from '../audit-draft.js';
import { AuditRecorder } from '../audit-recorder.js';
import { auditRows } from '../audit-row.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import { isWhole, type ScrubReport } from './scrub-report.js';
import { ScrubService } from './scrub.service.js';

/** Any constant would do; it only has to be the same in every instance ("scrub" in hex). */
const SCRUB_LOCK = 0x7363727562;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Scrubs every log once a day, in whichever instance notices first that it is time. */
@Injectable()
export class NightlyScrub implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(NightlyScrub.name);
  private timer: NodeJS.Timeout | undefined;
  private readonly stopped = new AbortController();
  private running: Promise<ScrubReport[] | null> | null = null;

  constructor(
    private readonly scrub: ScrubService,
    private readonly recorder: AuditRecorder,
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly clock: Clock,
    private readonly lanes: Lanes,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.scrubIfDue().catch((error: unknown) => {
        if (this.stopped.signal.aborted) return;
        this.logger.error({ err: error as Error }, 'the audit log could not be scrubbed');
      });
    }, HOUR_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    clearInterval(this.timer);
    await this.running?.catch(() => undefined);
  }

  /**
   * One that is under way is joined.
   *
   * @returns what was found, or null if the last scrub was less than a day ago or another instance is at it.
   * @throws an `AbortError` when the product stops.
   */
  async scrubIfDue(): Promise<ScrubReport[] | null> {
    this.running ??= this.scrubAlone().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /**
   * Scrubs the logs, all unless told, and leaves an event in the log of the instance that says what came of it. One that
   * cannot be read keeps no other from it.
   *
   * @throws an `AbortError` when the product stops.
   */
  async scrubAll(only?: readonly string[]): Promise<ScrubReport[]> {
    const reports: ScrubReport[] = [];
    for (const workspaceId of only ?? (await this.scrub.logs())) {
      const report = await this.scrub.scrub(workspaceId, this.stopped.signal);
      reports.push(report);
      for (const fault of report.faults)
        this.logger.error({ workspaceId, ...fault }, 'the audit log is damaged');
      if (report.failed !== null)
        this.logger.error(
          { workspaceId, why: report.failed },
          'the audit log could not be scrubbed to its end',
        );
    }
    await this.record(reports, only === undefined);
    return reports;
  }

  /** The lock is of a connection that is there for nothing else, and ends with it, however that comes. */
  private async scrubAlone(): Promise<ScrubReport[] | null> {
    if (!(await this.isDue())) return null;
    const lane = this.lanes.open('scrub');
    try {
      const [lock] = await lane.run<{ held: boolean }>('lock', 'select pg_try_advisory_lock($1) as held', [
        SCRUB_LOCK,
      ]);
      // Looked at again: another instance may have finished just now.
      if (lock?.held !== true || !(await this.isDue())) return null;
      return await this.scrubAll();
    } finally {
      await lane.close();
    }
  }

  /** A scrub of single logs does not count. */
  private async isDue(): Promise<boolean> {
    const since = firstHandleAt('evt', this.clock.now() - DAY_MS);
    const rows = await this.log.of(INSTANCE_LOG, () =>
      this.database.query(
        `select from audit_events
          where workspace_id = $1 and environment = 'none' and action = 'audit.scrub' and id > $2
            and body::json #>> '{details,all_logs}' = 'true' limit 1`,
        [INSTANCE_LOG, since],
      ),
    );
    return rows.length === 0;
  }

  private async record(reports: readonly ScrubReport[], areAll: boolean): Promise<void> {
    const damaged = reports.filter(({ faults }) => faults.length > 0);
    const failed = reports.filter((report) => report.failed !== null);
    const draft = new AuditDraft(this.clock.now());
    draft.actor = { type: 'system', id: null, name: 'Tooken', hint: null };
    draft.details = {
      all_logs: areAll,
      logs: reports.length,
      events: reports.reduce((sum, { events }) => sum + events, 0),
      damaged_logs: namesOf(damaged),
      faults: damaged.reduce((sum, { faults }) => sum + faults.length, 0),
      failed_logs: namesOf(failed),
    };
    const answer = reports.every(isWhole)
      ? ({ status: 0, outcome: 'success', reason: null } as const)
      : ({ status: 0, outcome: 'failure', reason: damaged.length > 0 ? 'damaged' : 'incomplete' } as const);
    await this.recorder.record(auditRows('audit.scrub', null, draft, answer));
  }
}

/** The first hundred. */
function namesOf(reports: readonly ScrubReport[]): string[] {
  return reports.slice(0, 100).map(({ workspace_id }) => workspace_id);
}
