import { Injectable } from '@nestjs/common';
import { firstHandleAt } from '../../platform/ids.js';
import { instant } from '../../platform/input/instant.js';
import { AUDIT_ACTION_NAMES } from '../audit-actions.js';
import type { AuditEventFilters } from '../list-audit-events.dto.js';
import { AddressSearch } from './address-search.js';
import { oneOf, type Condition } from './condition.js';
import type { Question } from './event-finder.js';
import { NameSearch } from './name-search.js';
import type { LogView } from './visible.js';

/** Filters that are a column and its values, the rarest first. */
const COLUMNS = [
  'request_id',
  'target_id',
  'actor_id',
  'reason',
  'action',
  'outcome',
  'target_type',
  'actor_type',
] as const;

/** Turns the filters of a query into what is asked of the log. */
@Injectable()
export class EventFilters {
  constructor(
    private readonly names: NameSearch,
    private readonly addresses: AddressSearch,
  ) {}

  /** Different filters are AND, the values of one are OR. */
  async question({ workspaceId, environments }: LogView, filters: AuditEventFilters): Promise<Question> {
    const view = {
      workspaceId,
      environments: environments.filter((each) => filters.environment?.some((one) => one === each) ?? true),
    };
    return { view, span: spanOf(filters), conditions: await this.conditions(view, filters) };
  }

  private async conditions(view: LogView, filters: AuditEventFilters): Promise<Condition[]> {
    const conditions: Condition[] = [];
    for (const column of COLUMNS) {
      const values = valuesOf(filters, column);
      if (values !== undefined) conditions.push(oneOf(column, values));
    }
    if (filters.ip !== undefined) conditions.push(await this.addresses.condition(view, filters.ip));
    if (filters.q !== undefined) conditions.push(await this.names.condition(view.workspaceId, filters.q));
    return conditions;
  }
}

/** A prefix is all the actions it begins: the index knows names. */
export function namedActions(wanted: readonly string[]): string[] {
  return wanted.flatMap((action) =>
    action.endsWith('.*')
      ? AUDIT_ACTION_NAMES.filter((name) => name.startsWith(action.slice(0, -1)))
      : [action],
  );
}

function valuesOf(
  filters: AuditEventFilters,
  column: (typeof COLUMNS)[number],
): readonly string[] | undefined {
  return column === 'action' && filters.action ? namedActions(filters.action) : filters[column];
}

function spanOf({ from, to }: AuditEventFilters): Question['span'] {
  return {
    from: from === undefined ? null : firstHandleAt('evt', instant(from)),
    before: to === undefined ? null : firstHandleAt('evt', instant(to)),
  };
}
