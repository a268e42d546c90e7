import type { SelectQueryBuilder } from 'typeorm';
import { parseCidr } from '../platform/addresses.js';
import { firstHandleAt } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import type { AuditEvent } from './audit-event.entity.js';
import type { ListAuditEventsQuery } from './audit-events.dto.js';

/** Filters that are a column and its allowed values. */
const ONE_OF = {
  outcome: 'event.outcome',
  reason: 'event.reason',
  actor_type: 'event.actor_type',
  actor_id: 'event.actor_id',
  target_type: 'event.target_type',
  target_id: 'event.target_id',
  request_id: 'event.request_id',
  environment: 'event.environment',
} as const;

/** Adds the filters to a query over `event`; a repeated one is OR, different ones are AND. */
export function filterEvents(
  query: SelectQueryBuilder<AuditEvent>,
  filters: ListAuditEventsQuery,
): SelectQueryBuilder<AuditEvent> {
  for (const [name, column] of Object.entries(ONE_OF) as [keyof typeof ONE_OF, string][]) {
    const values = filters[name];
    if (values !== undefined) query.andWhere(`${column} = any(:${name}::text[])`, { [name]: values });
  }
  filterAction(query, filters.action);
  if (filters.ip !== undefined) {
    query.andWhere('event.ip <<= any(:ranges::inet[])', {
      ranges: filters.ip.map((ip) => parseCidr(ip) ?? ip),
    });
  }
  // Handles sort by time, so a range of time is a range of the primary key.
  if (filters.from !== undefined) {
    query.andWhere('event.id >= :from', { from: firstHandleAt('evt', instant(filters.from)) });
  }
  if (filters.to !== undefined) {
    query.andWhere('event.id < :to', { to: firstHandleAt('evt', instant(filters.to)) });
  }
  if (filters.q !== undefined) {
    query.andWhere(`(${SEARCHED.map((column) => `event.${column} ilike :q`).join(' or ')})`, {
      q: `%${filters.q.replace(/[\\%_]/g, '\\$&')}%`,
    });
  }
  return query;
}

const SEARCHED = ['actor_name', 'actor_hint', 'actor_id', 'target_name', 'target_id', 'user_agent'];

function filterAction(query: SelectQueryBuilder<AuditEvent>, actions: readonly string[] | undefined): void {
  if (actions === undefined) return;
  const exact = actions.filter((action) => !action.endsWith('.*'));
  const prefixes = actions.filter((action) => action.endsWith('.*')).map((action) => action.slice(0, -1));
  query.andWhere('(event.action = any(:exact::text[]) or event.action ^@ any(:prefixes::text[]))', {
    exact,
    prefixes,
  });
}
