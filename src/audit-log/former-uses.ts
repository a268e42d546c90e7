import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { WorkspaceLog } from './reading/workspace-log.js';

/** How often a value was used after rotation had replaced it, and when and from where for the last time. */
export interface FormerUse {
  uses: number;
  /** RFC 3339. */
  at: string;
  ip: string | null;
}

/**
 * Who still uses a value that rotation has replaced. The sequencer counts it from the events, since counting them here
 * would read each use of a grace that may last for 30 days: it is up to date to a second, as the log's order is.
 */
@Injectable()
export class FormerUses {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
  ) {}

  /**
   * @param values of credentials: the hint is that of the former value.
   * @returns by the credential's handle; values that nobody has used since are left out.
   */
  async of(
    workspaceId: string,
    values: readonly { id: string; hint: string }[],
  ): Promise<Map<string, FormerUse>> {
    if (values.length === 0) return new Map();
    const parameters = [workspaceId, values.map(({ id }) => id), values.map(({ hint }) => hint)];
    const rows = await this.log.alongIndexes(workspaceId, () =>
      this.database.query<{ id: string; uses: number; at: Date; ip: string | null }>(FIND, parameters),
    );
    return new Map(rows.map(({ id, uses, at, ip }) => [id, { uses, at: at.toISOString(), ip }]));
  }
}

const FIND = `
  select use.credential_id as id, use.uses::float8 as uses, use.last_used_at as at,
         personal.data::json ->> case use.last_used_as when 'caller' then 'ip' else 'client_ip' end as ip
    from unnest($2::text[], $3::text[]) as wanted (id, hint)
    join audit_value_uses use
      on use.workspace_id = $1 and use.credential_id = wanted.id and use.hint = wanted.hint
    left join lateral (
      select data from audit_personal where workspace_id = $1 and event_id = use.last_event_id limit 1
    ) as personal on true`;
