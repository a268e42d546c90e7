import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { AuditEventDto } from '../audit-events.dto.js';
import { leafHash } from '../proofs/merkle.js';
import type { Question } from '../reading/event-finder.js';
import { renderEvent } from '../reading/render-event.js';
import { beyond, type Span } from '../reading/span.js';
import { spanIn, StatementValues } from '../reading/statement-values.js';
import type { LogView } from '../reading/visible.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import type { PlacedEvent } from './exported-line.js';
import type { Stretch } from './stretch.js';

/** A place in a log. */
export interface Entry {
  index: number;
  id: string;
  leafHash: Buffer;
  /** The event in this place; null if it is not among those asked for, or not there. */
  event: PlacedEvent | null;
  /** What is in this place is not what was put there; which it always is, unless somebody has changed the database. */
  isDamaged: boolean;
}

interface PlaceRow {
  index: string;
  event_id: string;
  leaf_hash: Buffer;
}

interface EventRow {
  id: string;
  body: string | null;
  personal: string | null;
}

/** Of so many events the places are looked through at a time, for one statement. */
const SPAN_PAGE = 50_000;

/**
 * Reads a log in the order of its indexes, which is the only one that nothing can be missed in: events commit in any
 * order, but get their places only then. A page is one short transaction, so that a reader who takes long holds up
 * nobody.
 */
@Injectable()
export class LogPages {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
  ) {}

  /** The first places of a stretch, each with its event if it meets the question; fewer than `limit`: that is all. */
  async read(question: Question, stretch: Stretch, limit: number): Promise<Entry[]> {
    const { workspaceId } = question.view;
    return this.log.of(workspaceId, async () => {
      const places = await this.database.query<PlaceRow>(PLACES, [
        workspaceId,
        stretch.from,
        stretch.to,
        limit,
      ]);
      const events = await this.events(
        question,
        places.map((place) => place.event_id),
      );
      return places.map((place) => toEntry(place, events.get(place.event_id)));
    });
  }

  /** The places between which all events of a span lie. Handles sort by time, places nearly: none is to be missed. */
  async stretchOf({ workspaceId }: LogView, span: Span, size: number): Promise<Stretch> {
    if (span.from === null && span.before === null) return { from: 0, to: size };
    const stretch = { from: size, to: 0 };
    for (let rest: Span | null = span; rest !== null;) {
      const page: SpanRow | undefined = await this.spanPage(workspaceId, rest);
      if (page?.last == null) break;
      stretch.from = Math.min(stretch.from, Number(page.first));
      stretch.to = Math.max(stretch.to, Number(page.last) + 1);
      rest = page.count < SPAN_PAGE ? null : beyond(rest, page.id, 'asc');
    }
    return { from: Math.min(stretch.from, size), to: Math.min(stretch.to, size) };
  }

  /** The places of which the log tells that retention has dropped them, in order. */
  async dropped(workspaceId: string): Promise<Stretch[]> {
    return this.log.of(workspaceId, () => this.database.query<Stretch>(DROPPED, [workspaceId]));
  }

  private async events(question: Question, ids: readonly string[]): Promise<Map<string, EventRow>> {
    if (ids.length === 0) return new Map();
    const { view, span, conditions } = question;
    const sorted = [...ids].sort();
    // Says in which partitions to look.
    const around = { from: sorted[0]!, before: `${sorted.at(-1)!}0` };
    const sql = new StatementValues();
    const workspace = sql.add(view.workspaceId);
    const tests = [
      `e.environment = any(${sql.add(view.environments)}::text[]) ${spanIn(span, 'e.id', sql)}`,
      ...conditions.map((condition) => condition.test(sql, around)),
    ];
    const rows = await this.database.query<EventRow>(
      `select e.id, case when asked.is_met then e.body end as body, p.data as personal
         from audit_events e
         cross join lateral (select (${tests.join(' and ')}) as is_met) as asked
         left join audit_personal p on asked.is_met and p.workspace_id = e.workspace_id and p.event_id = e.id
              ${spanIn(around, 'p.event_id', sql)}
        where e.workspace_id = ${workspace} and e.id = any(${sql.add(ids)}::text[]) ${spanIn(around, 'e.id', sql)}`,
      sql.all,
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  private async spanPage(workspaceId: string, span: Span): Promise<SpanRow | undefined> {
    const sql = new StatementValues();
    const [page] = await this.log.of(workspaceId, () =>
      this.database.query<SpanRow>(
        `select min(index) as first, max(index) as last, max(event_id) as id, count(*)::int as count from (
           select index, event_id from audit_entries
            where workspace_id = ${sql.add(workspaceId)} ${spanIn(span, 'event_id', sql)}
            order by event_id limit ${sql.add(SPAN_PAGE)}) as page`,
        sql.all,
      ),
    );
    return page;
  }
}

interface SpanRow {
  first: string | null;
  last: string | null;
  id: string;
  count: number;
}

const PLACES = `
  select index, event_id, leaf_hash from audit_entries
   where workspace_id = $1 and index >= $2 and index < $3 order by index limit $4`;

const DROPPED = `
  select lower(each)::float8 as "from", upper(each)::float8 as "to" from (
    select unnest(range_agg(int8range((told ->> 0)::bigint, (told ->> 1)::bigint, '[]'))) as each
      from audit_events e, json_array_elements(e.body::json #> '{details,dropped}') as told
     where e.workspace_id = $1 and e.environment = 'none' and e.action = 'audit.retain') as runs
   order by each`;

function toEntry({ index, event_id: id, leaf_hash: hash }: PlaceRow, row: EventRow | undefined): Entry {
  const place = { index: Number(index), id, leafHash: hash };
  if (row === undefined) return { ...place, event: null, isDamaged: true };
  const { body, personal } = row;
  if (body === null) return { ...place, event: null, isDamaged: false };
  return {
    ...place,
    event: { index, body, personal, leafHash: hash },
    isDamaged: !leafHash(body).equals(hash),
  };
}

/** As the API shows them; but for what is damaged so much that it cannot be shown. */
export function shownIn(entries: readonly Entry[]): AuditEventDto[] {
  return entries.flatMap(({ event, isDamaged }) => {
    if (event === null) return [];
    if (!isDamaged) return [renderEvent(event)];
    try {
      return [renderEvent(event)];
    } catch {
      return [];
    }
  });
}
