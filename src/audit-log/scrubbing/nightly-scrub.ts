import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { firstHandleAt } from '../../platform/ids.js';
import { AuditDraft, INSTANCE_LOG } from '../audit-draft.js';
import { AuditRecorder } from '../audit-recorder.js';
import { auditRows } from '../audit-row.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import { ScrubService, type ScrubReport } from './scrub.service.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Scrubs every log once a day, in whichever instance notices first that it is time. */
@Injectable()
export class NightlyScrub implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(NightlyScrub.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly scrub: ScrubService,
    private readonly recorder: AuditRecorder,
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.running = this.scrubIfDue().catch((error: unknown) => {
        this.logger.error({ err: error as Error }, 'the audit log could not be scrubbed');
      });
    }, HOUR_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** @returns what was found, or null if the last scrub was less than a day ago. */
  async scrubIfDue(): Promise<ScrubReport[] | null> {
    if (!(await this.isDue())) return null;
    return this.scrubAll();
  }

  /** Scrubs the logs, all unless told, and leaves an event in the log of the instance that says what came of it. */
  async scrubAll(only?: readonly string[]): Promise<ScrubReport[]> {
    const reports: ScrubReport[] = [];
    for (const workspaceId of only ?? (await this.scrub.logs())) {
      if (this.stopped) return reports;
      const report = await this.scrub.scrub(workspaceId);
      reports.push(report);
      for (const fault of report.faults)
        this.logger.error({ workspaceId, ...fault }, 'the audit log is damaged');
    }
    await this.record(reports);
    return reports;
  }

  private async isDue(): Promise<boolean> {
    const since = firstHandleAt('evt', this.clock.now() - DAY_MS);
    const rows = await this.log.of(INSTANCE_LOG, () =>
      this.database.query(
        `select from audit_events
          where workspace_id = $1 and environment = 'none' and action = 'audit.scrub' and id > $2 limit 1`,
        [INSTANCE_LOG, since],
      ),
    );
    return rows.length === 0;
  }

  private async record(reports: readonly ScrubReport[]): Promise<void> {
    const damaged = reports.filter(({ faults }) => faults.length > 0);
    const draft = new AuditDraft(this.clock.now());
    draft.actor = { type: 'system', id: null, name: 'Tooken', hint: null };
    draft.details = {
      logs: reports.length,
      events: reports.reduce((sum, { events }) => sum + events, 0),
      damaged_logs: damaged.map(({ workspace_id }) => workspace_id).slice(0, 100),
      faults: damaged.reduce((sum, { faults }) => sum + faults.length, 0),
    };
    const answer =
      damaged.length === 0
        ? ({ status: 0, outcome: 'success', reason: null } as const)
        : ({ status: 0, outcome: 'failure', reason: 'damaged' } as const);
    await this.recorder.record(auditRows('audit.scrub', null, draft, answer));
  }
}
