import { Injectable } from '@nestjs/common';
import { parseCidr } from '../../platform/addresses.js';
import { Database } from '../../platform/database/database.js';
import type { Access, Condition, RangeAccess, ValueAccess } from './condition.js';
import { EVER, isWithin, monthsOf, type Span } from './span.js';
import { spanIn, StatementValues } from './statement-values.js';
import type { LogView } from './visible.js';

/** As many events as are read and sorted for a page. */
const FEW_EVENTS = 20_000;
/** Of more events, as many addresses as an index is asked for one by one; more of both come along with every event. */
const FEW_ADDRESSES = 64;

interface Edges {
  low: string;
  high: string;
}

/** Finds events by the address their request came from, or by a range of addresses. */
@Injectable()
export class AddressSearch {
  constructor(private readonly database: Database) {}

  /** What is true of events from one of these addresses or ranges. */
  async condition(view: LogView, addresses: readonly string[]): Promise<Condition> {
    const ranges = [...new Set(addresses.map((address) => parseCidr(address) ?? address))];
    const edges = await this.database.query<Edges>(EDGES, [ranges]);
    const access = { low: edges.map(({ low }) => low), high: edges.map(({ high }) => high) };
    // Of the part of a span in which a search goes on, it knows already.
    const known: { span: Span; access: Promise<Access | null> }[] = [];
    const within = (span: Span): Promise<Access | null> => {
      const found = known.find((each) => isWithin(span, each.span));
      if (found !== undefined) return found.access;
      const asked = { span, access: this.accessWithin(view, access, span) };
      known.push(asked);
      return asked.access;
    };
    return {
      test: (sql, span) => `coalesce((
        select ip from audit_personal where workspace_id = $1 and event_id = e.id ${spanIn(span ?? EVER, 'event_id', sql)}
      ) <<= any(${sql.add(ranges)}::inet[]), false)`,
      access: (span) => (edges.every(({ low, high }) => low === high) ? byAddress(access.low) : within(span)),
    };
  }

  private async accessWithin(view: LogView, access: RangeAccess, span: Span): Promise<Access | null> {
    // Whole months are partitions, where no entry of an address is read only to be passed over for its time.
    const months = monthsOf(span);
    if (await this.areFew(view, access, months)) return access;
    const addresses = await this.addressesWithin(view, access, months);
    return addresses.length <= FEW_ADDRESSES ? byAddress(addresses) : null;
  }

  private async areFew(view: LogView, { low, high }: RangeAccess, span: Span): Promise<boolean> {
    const sql = new StatementValues();
    const [workspace, environments] = [sql.add(view.workspaceId), sql.add(view.environments)];
    // Range by range (`offset 0`): the planner would rather read those of all environments and join what it finds.
    const [row] = await this.database.query<{ count: number }>(
      `select count(*)::int as count from (
         select from unnest(${environments}::text[]) as v (environment)
         cross join unnest(${sql.add(low)}::inet[], ${sql.add(high)}::inet[]) as w (low, high)
         cross join lateral (
           select from audit_personal
            where workspace_id = ${workspace} and environment = v.environment and ip >= w.low and ip <= w.high
              ${spanIn(span, 'event_id', sql)} offset 0) as entry
         limit ${sql.add(FEW_EVENTS + 1)}) as entries`,
      sql.all,
    );
    return row!.count <= FEW_EVENTS;
  }

  /** By hopping from each address to the next. */
  private async addressesWithin(view: LogView, { low, high }: RangeAccess, span: Span): Promise<string[]> {
    const sql = new StatementValues();
    const [workspace, environments] = [sql.add(view.workspaceId), sql.add(view.environments)];
    const next = (condition: string): string => `select p.ip from audit_personal p
      where p.workspace_id = ${workspace} and p.environment = v.environment and ${condition}
        ${spanIn(span, 'p.event_id', sql)} order by p.ip limit 1`;
    const rows = await this.database.query<{ ip: string }>(
      `select distinct host(hop.ip) as ip
         from unnest(${environments}::text[]) as v (environment)
         cross join unnest(${sql.add(low)}::inet[], ${sql.add(high)}::inet[]) as w (low, high)
         cross join lateral (
           with recursive hop as (
             (${next('p.ip >= w.low and p.ip <= w.high')})
             union all
             select (${next('p.ip > hop.ip and p.ip <= w.high')}) from hop where hop.ip is not null
           ) select ip from hop where ip is not null limit ${sql.add(FEW_ADDRESSES + 1)}
         ) as hop`,
      sql.all,
    );
    return rows.map(({ ip }) => ip);
  }
}

const EDGES = `
  select host(network(range)) as low, host(broadcast(range)) as high from unnest($1::inet[]) as range`;

function byAddress(addresses: readonly string[]): ValueAccess {
  return {
    ways: [{ table: 'audit_personal', column: 'ip', byEnvironment: true }],
    type: 'inet',
    values: addresses,
  };
}
