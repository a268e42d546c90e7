import { firstHandleAt } from '../../platform/ids.js';
import type { Month } from '../../platform/database/months.js';
import type { Run } from '../../platform/database/owner.js';
import { USED_AS_CALLER, USED_AT_OWNER } from '../last-use.js';
import { TILE_WIDTH } from '../proofs/tiles.js';
import { tablesOf } from './expired-months.js';

/**
 * Keeps of a month what must outlive its events: the leaves that no full tile has yet, without which the trees could
 * not grow, and when and from where a credential was last used that has not been used since.
 *
 * @param logs the workspaces with events in that month.
 */
export async function keepWhatOutlives(run: Run, month: Month, logs: readonly string[]): Promise<void> {
  await run(
    `insert into audit_kept_leaves (workspace_id, index, leaf_hash)
     select n.workspace_id, n.index, n.leaf_hash
       from ${tablesOf(month).audit_entries} n join audit_trees t on t.workspace_id = n.workspace_id
      where n.index >= t.size / ${TILE_WIDTH} * ${TILE_WIDTH}`,
  );
  for (const workspaceId of logs) {
    await run(`select set_config('tooken.workspace', $1, true)`, [workspaceId]);
    await run(KEEP_LAST_USES, [
      workspaceId,
      firstHandleAt('evt', month.from),
      firstHandleAt('evt', month.to),
    ]);
  }
}

const KEEP_LAST_USES = `
  insert into audit_last_uses (workspace_id, credential_id, used_at, ip)
  select $1, used.credential_id, e.occurred_at,
         (p.data::json ->> case when e.actor_id = used.credential_id then 'ip' else 'client_ip' end)::inet
    from (
      select credential_id, max(id) as id from (
        select e.actor_id as credential_id, e.id from audit_events e
         where e.workspace_id = $1 and e.id >= $2 and e.id < $3 and e.actor_id is not null and ${USED_AS_CALLER}
        union all
        select e.target_id, e.id from audit_events e
         where e.workspace_id = $1 and e.id >= $2 and e.id < $3 and e.target_id is not null and ${USED_AT_OWNER}
      ) as uses group by credential_id
    ) as used
    join audit_events e on e.workspace_id = $1 and e.id = used.id
    left join audit_personal p on p.workspace_id = $1 and p.event_id = used.id
   where not exists (select from audit_events e
                      where e.workspace_id = $1 and e.actor_id = used.credential_id and e.id >= $3 and ${USED_AS_CALLER})
     and not exists (select from audit_events e
                      where e.workspace_id = $1 and e.target_id = used.credential_id and e.id >= $3 and ${USED_AT_OWNER})
  on conflict (workspace_id, credential_id) do update set used_at = excluded.used_at, ip = excluded.ip
    where audit_last_uses.used_at <= excluded.used_at`;
