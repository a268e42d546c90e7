import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { entriesOf, inOrder } from './reading/index-range.js';
import { nearPart, restAfter, sinceMaking, type Span } from './reading/span.js';
import { spanIn, StatementValues } from './reading/statement-values.js';
import { WorkspaceLog } from './reading/workspace-log.js';

/** When and from where a credential was last accepted. */
export interface LastUse {
  /** RFC 3339. */
  at: string;
  ip: string | null;
}

/** Of an event `e`: its actor was let in as a caller, whatever then came of it. */
export const USED_AS_CALLER = `not (e.outcome = 'denied' and e.status in (400, 401, 429))`;

/** Of an event `e`: its target was presented to somebody who asked about it, and found valid. */
export const USED_AT_OWNER = `e.action in ('token.verify', 'token.introspect', 'token.exchange') and e.outcome = 'success'`;

interface UseRow {
  id: string;
  at: Date;
  ip: string | null;
}

/**
 * `last_used_at` comes from the log itself: every use is there already, durably and from every instance, so a
 * counter beside it could only disagree. Two index probes a credential.
 */
@Injectable()
export class LastUses {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly clock: Clock,
  ) {}

  /** By handle; credentials that were never used are left out. */
  async of(workspaceId: string, ids: readonly string[]): Promise<Map<string, LastUse>> {
    const found = new Map<string, LastUse>();
    const seek = async (look: (ids: readonly string[]) => Promise<UseRow[]>): Promise<void> => {
      const sought = ids.filter((id) => !found.has(id));
      if (sought.length === 0) return;
      for (const { id, at, ip } of await look(sought)) found.set(id, { at: at.toISOString(), ip });
    };
    if (ids.length === 0) return found;
    await this.log.alongIndexes(workspaceId, async () => {
      const span = sinceMaking(ids);
      // Most were used lately. What retention has dropped is older than anything in the log.
      const near = nearPart(span, 'desc', this.clock.now());
      const rest = restAfter(span, near, 'desc');
      await seek((sought) => this.within(workspaceId, sought, near));
      if (rest !== null) await seek((sought) => this.within(workspaceId, sought, rest));
      await seek((sought) => this.dropped(workspaceId, sought));
    });
    return found;
  }

  private within(workspaceId: string, ids: readonly string[], span: Span): Promise<UseRow[]> {
    const sql = new StatementValues();
    const [workspace, credentials] = [sql.add(workspaceId), sql.add(ids)];
    const newest = (column: string, ip: string, isUse: string): string => {
      const edge = { column: `e.${column}`, value: 'credential.id', id: 'e.id' };
      return `
        (select e.id, e.occurred_at as at, '${ip}' as ip from audit_events e
          where e.workspace_id = ${workspace} and ${entriesOf(edge, span, sql)} and ${isUse}
          ${inOrder(edge, 'desc')} limit 1)`;
    };
    return this.database.query<UseRow>(
      `select credential.id, use.at, personal.data::json ->> use.ip as ip
         from unnest(${credentials}::text[]) as credential (id)
         cross join lateral (
           select * from (
             ${newest('actor_id', 'ip', USED_AS_CALLER)}
             union all
             ${newest('target_id', 'client_ip', USED_AT_OWNER)}
           ) as uses order by id desc limit 1
         ) as use
         left join lateral (
           select data from audit_personal
            where workspace_id = ${workspace} and event_id = use.id ${spanIn(span, 'event_id', sql)} limit 1
         ) as personal on true`,
      sql.all,
    );
  }

  private dropped(workspaceId: string, ids: readonly string[]): Promise<UseRow[]> {
    return this.database.query<UseRow>(
      `select credential_id as id, used_at as at, host(ip) as ip
         from audit_last_uses where workspace_id = $1 and credential_id = any($2::text[])`,
      [workspaceId, ids],
    );
  }
}
