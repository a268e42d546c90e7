import type { SelectQueryBuilder } from 'typeorm';
import { parseCidr } from '../platform/addresses.js';
import { firstHandleAt } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import { AUDIT_ACTION_NAMES } from './audit-actions.js';
import type { AuditEvent } from './audit-event.entity.js';
import type { ListAuditEventsQuery } from './list-audit-events.dto.js';

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
  filterAddress(query, filters.ip);
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

/** A prefix is all the actions it begins: the index knows names. */
function filterAction(query: SelectQueryBuilder<AuditEvent>, wanted: readonly string[] | undefined): void {
  if (wanted === undefined) return;
  const actions = wanted.flatMap((action) =>
    action.endsWith('.*')
      ? AUDIT_ACTION_NAMES.filter((name) => name.startsWith(action.slice(0, -1)))
      : [action],
  );
  query.andWhere('event.action = any(:actions::text[])', { actions });
}

/** One comparison a range: the index can serve each, but not one with any of a list. */
function filterAddress(query: SelectQueryBuilder<AuditEvent>, ips: readonly string[] | undefined): void {
  if (ips === undefined) return;
  const ranges = Object.fromEntries(ips.map((ip, at) => [`range${String(at)}`, parseCidr(ip) ?? ip]));
  const isWithin = Object.keys(ranges).map((name) => `event.ip <<= :${name}::inet`);
  query.andWhere(`(${isWithin.join(' or ')})`, ranges);
}
