import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../credentials/principal.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import { AUDIT_ACTION_NAMES, AUDIT_ACTIONS } from './audit-actions.js';
import { INSTANCE_LOG, type AuditDraft } from './audit-draft.js';
import { AuditEvent } from './audit-event.entity.js';
import type { AuditActionList, AuditEventDto, AuditEventPage } from './audit-events.dto.js';
import { filterEvents } from './audit-events.query.js';
import { renderEvent } from './render-event.js';
import type { ListAuditEventsQuery, LogQuery } from './list-audit-events.dto.js';

/** Reads the log; nothing here or anywhere else changes it. */
@Injectable()
export class AuditEventsService {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async list(caller: Principal, query: ListAuditEventsQuery): Promise<AuditEventPage> {
    const { limit, cursor, ...filters } = query;
    const bound = ['audit-events', caller.workspace.id, caller.environment, filters];
    const builder = filterEvents(this.visible(caller, query), query);
    const descending = query.order === 'desc';
    if (cursor !== undefined) {
      builder.andWhere(`event.id ${descending ? '<' : '>'} :after`, {
        after: this.cursors.decode(cursor, bound)[0],
      });
    }
    const rows = await builder
      .orderBy('event.id', descending ? 'DESC' : 'ASC')
      .limit(limit + 1)
      .getMany();
    const { data, next_cursor } = page(rows, limit, (row) => this.cursors.encode([row.id], bound));
    return { data: data.map(renderEvent), next_cursor };
  }

  async read(caller: Principal, id: string, query: LogQuery, event: AuditDraft): Promise<AuditEventDto> {
    if (!isHandle('evt', id)) throw Problem.notFound();
    event.target = { type: 'audit_event', id, name: null };
    const row = await this.visible(caller, query).andWhere('event.id = :id', { id }).getOne();
    if (row === null) throw Problem.notFound();
    return renderEvent(row);
  }

  actions(): AuditActionList {
    return {
      data: AUDIT_ACTION_NAMES.map((action) => ({ action, description: AUDIT_ACTIONS[action].description })),
      next_cursor: null,
    };
  }

  /**
   * What the caller may see: its own workspace's events of its own environment, and those of none; or, for the
   * operator workspace, the instance log, whose unknown credentials belong to no environment.
   */
  private visible(caller: Principal, { log }: LogQuery): SelectQueryBuilder<AuditEvent> {
    const events = this.database.rows(AuditEvent).createQueryBuilder('event');
    if (log !== 'instance') {
      return events.where(
        'event.workspace_id = :workspaceId and (event.environment = :environmentOfCaller or event.environment is null)',
        { workspaceId: caller.workspace.id, environmentOfCaller: caller.environment },
      );
    }
    if (!caller.workspace.operator)
      throw Problem.forbidden('Only the operator workspace reads the instance log', []);
    return events.where('event.workspace_id = :workspaceId', { workspaceId: INSTANCE_LOG });
  }
}
