import type { AuditRow } from '../../src/audit-log/audit-row.js';
import { asInserted, INSERT_EVENTS } from '../../src/audit-log/recording/insert-events.js';
import { seal } from '../../src/audit-log/recording/seal.js';
import { newHandle } from '../../src/platform/ids.js';
import { until } from '../support/product.js';
import type { TestDatabase } from '../support/test-database.js';

/** What an event of the past says; whatever is not said, it does not have. */
export type PastEvent = Partial<AuditRow> & { workspace_id: string; at: number };

/**
 * Writes events of before, as the product of that time would have: each into the partition of its month.
 *
 * @returns their handles.
 */
export async function writePast(database: TestDatabase, events: readonly PastEvent[]): Promise<string[]> {
  for (const moment of new Set(
    events.map(({ at }) => new Date(at).toISOString().slice(0, 'YYYY-MM'.length)),
  )) {
    await database.query('select audit_make_partitions($1, 0)', [`${moment}-01T00:00:00Z`]);
  }
  const sealed = events.map((event) => seal(rowOf(event)));
  for (let from = 0; from < sealed.length; from += 500) {
    await database.query(INSERT_EVENTS, asInserted(sealed.slice(from, from + 500)));
  }
  return sealed.map(({ row }) => row.id);
}

/** Waits until every event has its place. */
export async function sequenced(database: TestDatabase): Promise<void> {
  await until(async () => (await database.query('select from audit_pending limit 1')).length === 0);
}

function rowOf({ at, ...event }: PastEvent): AuditRow {
  return {
    id: newHandle('evt', at),
    environment: 'live',
    occurred_at: new Date(at).toISOString(),
    action: 'me.read',
    outcome: 'success',
    reason: null,
    count: 1,
    actor_type: 'api_key',
    actor_id: null,
    actor_name: null,
    actor_hint: null,
    target_type: null,
    target_id: null,
    target_name: null,
    request_id: null,
    method: null,
    route: null,
    status: 200,
    ip: null,
    user_agent: null,
    changes: null,
    details: null,
    ...event,
  };
}
