import { Injectable } from '@nestjs/common';
import type { AuditAction } from '../audit-log/audit-actions.js';
import { AuditDraft, type AuditTarget } from '../audit-log/audit-draft.js';
import { AuditRecorder } from '../audit-log/audit-recorder.js';
import { auditRows } from '../audit-log/audit-row.js';
import { Clock } from '../platform/clock.js';

/** Records what the first start and the command line do, as done by the system. */
@Injectable()
export class SystemJournal {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** Within the open transaction of the deed. */
  async record(
    action: AuditAction,
    workspaceId: string,
    target: AuditTarget | null,
    details: Record<string, unknown> | null = null,
  ): Promise<void> {
    const draft = new AuditDraft(this.clock.now());
    draft.workspaceId = workspaceId;
    draft.actor = { type: 'system', id: null, name: 'Tooken', hint: null };
    draft.target = target;
    draft.details = details;
    await this.recorder.recordWithChange(
      auditRows(action, null, draft, { status: 0, outcome: 'success', reason: null }),
    );
  }
}
