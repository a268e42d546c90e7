import { inTransaction, type Run } from '../../platform/database/owner.js';

/**
 * Forgets the names by which nothing in these logs can be found any more, its events having been dropped.
 *
 * In transactions of their own, each a short one: who comes back under such a name waits for it.
 */
export async function forgetNames(run: Run, logs: readonly string[]): Promise<void> {
  for (const workspaceId of logs) {
    await inTransaction(run, async () => {
      await run(`select set_config('tooken.workspace', $1, true)`, [workspaceId]);
      await run(FORGET, [workspaceId]);
    });
  }
}

const FORGET = `
  delete from audit_names n
   where workspace_id = $1
     and not exists (select from audit_events e where e.workspace_id = $1 and e.actor_id = n.id)
     and not exists (select from audit_events e where e.workspace_id = $1 and e.target_id = n.id)`;
