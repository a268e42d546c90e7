import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import type { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import { Webhook } from './webhook.entity.js';

/** Every webhook belongs to one workspace and one environment, and exists for no other. */
export function own(caller: Principal): Pick<Webhook, 'workspaceId' | 'environment'> {
  return { workspaceId: caller.workspace.id, environment: caller.environment };
}

type Lock = 'to change' | 'unchanged';

const LOCK_MODES = { 'to change': 'for_no_key_update', unchanged: 'pessimistic_read' } as const;

/**
 * The caller's webhook of this handle; the event names it.
 *
 * @param lock `to change` it, not so strong that it would hold up who only refers to it; `unchanged`, for as long as
 * the transaction lasts.
 * @throws Problem `not_found`.
 */
export async function findWebhook(
  database: Database,
  caller: Principal,
  id: string,
  event: AuditDraft,
  lock: Lock | null = null,
): Promise<Webhook> {
  if (!isHandle('wh', id)) throw Problem.notFound();
  event.target = { type: 'webhook', id, name: null };
  const row = await database.rows(Webhook).findOne({
    where: { id, ...own(caller) },
    ...(lock !== null && { lock: { mode: LOCK_MODES[lock] } }),
  });
  if (row === null) throw Problem.notFound();
  event.target.name = new URL(row.url).origin;
  return row;
}
