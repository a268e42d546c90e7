import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** When and from where a credential was last accepted. */
export interface LastUse {
  /** RFC 3339. */
  at: string;
  ip: string | null;
}

/**
 * `last_used_at` comes from the log itself: every use is there already, durably and from every instance, so a
 * counter beside it could only disagree. Two index probes a credential.
 */
@Injectable()
export class LastUses {
  constructor(private readonly database: Database) {}

  /** By handle; credentials that were never used are left out. */
  async of(workspaceId: string, ids: readonly string[]): Promise<Map<string, LastUse>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<{ id: string; at: Date; ip: string | null }>(LAST_USES, [
      workspaceId,
      ids,
    ]);
    return new Map(rows.map(({ id, at, ip }) => [id, { at: at.toISOString(), ip }]));
  }
}

/** As a caller who was let in, whatever then came of it, or presented to the owner's own API and found valid. */
const LAST_USES = `
  select credential.id, used.at, used.ip
    from unnest($2::text[]) as credential (id)
    cross join lateral (
      select at, ip from (
        (select id, occurred_at as at, host(ip) as ip from audit_events
          where workspace_id = $1 and actor_id = credential.id and not (outcome = 'denied' and status in (400, 401))
          order by id desc limit 1)
        union all
        (select id, occurred_at, details ->> 'client_ip' from audit_events
          where workspace_id = $1 and target_id = credential.id
            and action = 'token.verify' and outcome = 'success'
          order by id desc limit 1)
      ) as uses order by id desc limit 1
    ) as used`;
