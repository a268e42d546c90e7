import { Injectable } from '@nestjs/common';
import type { Principal } from '../credentials/principal.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { AUDIT_ACTION_NAMES, AUDIT_ACTIONS } from './audit-actions.js';
import type { AuditDraft } from './audit-draft.js';
import type { AuditActionList, AuditEventDto, AuditEventPage } from './audit-events.dto.js';
import type { ListAuditEventsQuery, LogQuery } from './list-audit-events.dto.js';
import { EventFilters } from './reading/event-filters.js';
import { EventFinder } from './reading/event-finder.js';
import { BESIDE_EVENT, renderEvent, STORED_EVENT, type StoredEvent } from './reading/render-event.js';
import { viewOf } from './reading/visible.js';
import { WorkspaceLog } from './reading/workspace-log.js';

/** Reads the log; nothing here or anywhere else changes it. */
@Injectable()
export class AuditEventsService {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly filters: EventFilters,
    private readonly finder: EventFinder,
    private readonly cursors: Cursors,
  ) {}

  async list(caller: Principal, query: ListAuditEventsQuery): Promise<AuditEventPage> {
    const { limit, cursor, ...filters } = query;
    const bound = ['audit-events', caller.workspace.id, caller.environment, filters];
    const after = cursor === undefined ? null : this.cursors.decode(cursor, bound)[0]!;
    const question = await this.filters.question(viewOf(caller, query), query);
    const { events, next } = await this.finder.page(question, query.order, limit, after);
    return {
      data: events.map(renderEvent),
      next_cursor: next === null ? null : this.cursors.encode([next], bound),
    };
  }

  async read(caller: Principal, id: string, query: LogQuery, event: AuditDraft): Promise<AuditEventDto> {
    if (!isHandle('evt', id)) throw Problem.notFound();
    event.target = { type: 'audit_event', id, name: null };
    const { workspaceId, environments } = viewOf(caller, query);
    const [row] = await this.log.of(workspaceId, () =>
      this.database.query<StoredEvent>(READ, [workspaceId, id, environments]),
    );
    if (row === undefined) throw Problem.notFound();
    return renderEvent(row);
  }

  actions(): AuditActionList {
    return {
      data: AUDIT_ACTION_NAMES.map((action) => ({ action, description: AUDIT_ACTIONS[action].description })),
      next_cursor: null,
    };
  }
}

const READ = `
  select ${STORED_EVENT} from audit_events e ${BESIDE_EVENT}
   where e.workspace_id = $1 and e.id = $2 and e.environment = any($3::text[])`;
