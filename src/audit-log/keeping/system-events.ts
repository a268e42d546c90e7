import type { Run } from '../../platform/database/owner.js';
import type { AuditAction } from '../audit-actions.js';
import { entryBySystem } from '../by-system.js';
import { asInserted, INSERT_EVENTS } from '../recording/insert-events.js';
import { seal } from '../recording/seal.js';

/** How many events one statement writes. */
const BATCH = 500;

/** Something the system itself did to one workspace's log. */
export interface SystemEvent {
  action: AuditAction;
  workspaceId: string;
  details: Record<string, unknown>;
}

/**
 * Records what the system did, in the open transaction of the owner: the deed and its events, or neither.
 *
 * @param at Unix milliseconds.
 */
export async function recordBySystem(run: Run, at: number, events: readonly SystemEvent[]): Promise<void> {
  const sealed = events.flatMap((event) => entryBySystem(event, at).rows.map(seal));
  for (let from = 0; from < sealed.length; from += BATCH) {
    await run(INSERT_EVENTS, asInserted(sealed.slice(from, from + BATCH)));
  }
}
