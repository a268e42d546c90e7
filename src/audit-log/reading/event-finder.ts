import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Condition } from './condition.js';
import { findStatement, reachStatement, type FoundRow, type Search } from './find-statement.js';
import { STORED_EVENT, type StoredEvent } from './render-event.js';
import { beyond, nearPart, restAfter, type Order, type Span } from './span.js';
import { WorkspaceLog } from './workspace-log.js';
import type { LogView } from './visible.js';

/** Which events are asked for. */
export interface Question {
  view: LogView;
  span: Span;
  conditions: readonly Condition[];
}

export interface FoundEvent extends StoredEvent {
  id: string;
}

export interface FoundPage {
  events: FoundEvent[];
  /** The event behind which the next page begins; null when there is no more. */
  next: string | null;
}

interface FoundIds {
  ids: string[];
  next: string | null;
}

/** Events that one statement looks at: at first few, for they may have to come from a disk, then as many as go quickly. */
const LOOKED_AT = { first: 1_000, least: 200, most: 20_000 };
const QUICK_MS = 50;
/** After so long a search is answered with what it has found. */
const SEARCH_MS = 500;
/** As many entries of an index as tell how rare they are. */
const DEPTH = 64;

/**
 * Finds events by any filters. For each there is an index that has them in the order of the list, so that a page costs
 * the same at the beginning and deep within, however long the log is. Of several filters the rarest leads, and the
 * others are held against what it leads to. Where all of them are common and hardly ever meet, a page may hold fewer
 * events than asked for, even none, and say where to go on.
 */
@Injectable()
export class EventFinder {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly clock: Clock,
  ) {}

  /** @param after the last event of the page before. */
  async page(question: Question, order: Order, limit: number, after: string | null): Promise<FoundPage> {
    const span = after === null ? question.span : beyond(question.span, after, order);
    return this.log.alongIndexes(question.view.workspaceId, async () => {
      const { ids, next } = await this.ids({ ...question, span }, order, limit);
      return { events: await this.stored(question.view, ids), next };
    });
  }

  private async ids(question: Question, order: Order, limit: number): Promise<FoundIds> {
    const until = performance.now() + SEARCH_MS;
    let lookedAt = LOOKED_AT.first;
    const near = nearPart(question.span, order, this.clock.now());
    const parts = [near, restAfter(question.span, near, order)];
    const ids: string[] = [];
    for (let part = parts.shift(); part != null;) {
      const from = performance.now();
      const search = await this.best({ ...question, span: part }, order);
      const { matching, stoppedAt } = await this.look(search, limit + 1 - ids.length, lookedAt);
      ids.push(...matching);
      if (ids.length > limit) return { ids: ids.slice(0, limit), next: ids[limit - 1]! };
      const now = performance.now();
      if (stoppedAt !== null && now > until) return { ids, next: stoppedAt };
      lookedAt = now - from < QUICK_MS ? lookedAt * 4 : lookedAt / 4;
      lookedAt = Math.min(Math.max(lookedAt, LOOKED_AT.least), LOOKED_AT.most);
      part = stoppedAt === null ? parts.shift() : beyond(part, stoppedAt, order);
    }
    return { ids, next: null };
  }

  /** One statement's worth of searching; `stoppedAt` is null when it has come to the end of the span. */
  private async look(
    search: Search,
    limit: number,
    lookedAt: number,
  ): Promise<{ matching: string[]; stoppedAt: string | null }> {
    const { text, values } = findStatement(search, limit, lookedAt);
    const rows = await this.database.query<FoundRow>(text, values);
    const stop = rows.findIndex(({ is_last }) => is_last);
    const sure = stop === -1 ? rows : rows.slice(0, stop + 1);
    return {
      matching: sure.filter(({ matches }) => matches).map(({ id }) => id),
      stoppedAt: rows[stop]?.id ?? null,
    };
  }

  /** Along the index whose next entries lie furthest apart: as much as must be looked at, and no statistics. */
  private async best({ view, span, conditions }: Question, order: Order): Promise<Search> {
    const searches: Search[] = [];
    for (const leading of conditions) {
      const access = await leading.access(span);
      const tests = conditions.filter((each) => each !== leading);
      if (access !== null) searches.push({ view, span, order, access, tests });
    }
    const [first, ...others] = searches;
    if (first === undefined) return { view, span, order, access: null, tests: conditions };
    if (others.length === 0) return first;
    const { text, values } = reachStatement(view, searches, DEPTH);
    const [reaches] = await this.database.query<Record<string, string | null>>(text, values);
    const reachOf = (search: Search): string | null => reaches?.[searches.indexOf(search)] ?? null;
    return others.reduce(
      (best, each) => (isFurther(reachOf(each), reachOf(best), order) ? each : best),
      first,
    );
  }

  private async stored({ workspaceId }: LogView, ids: readonly string[]): Promise<FoundEvent[]> {
    if (ids.length === 0) return [];
    const sorted = [...ids].sort();
    const rows = await this.database.query<FoundEvent>(STORED, [workspaceId, ids, sorted[0], sorted.at(-1)]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

function isFurther(one: string | null, other: string | null, order: Order): boolean {
  if (one === null || other === null) return one === null && other !== null;
  return order === 'desc' ? one < other : one > other;
}

/**
 * One event after the other, each with what stands beside it. The bounds tell the planner in which partitions that
 * is.
 */
const STORED = `
  select w.id, ${STORED_EVENT} from unnest($2::text[]) as w (id)
   cross join lateral (
     select body from audit_events where workspace_id = $1 and id = w.id and id >= $3 and id <= $4 limit 1) as e
    left join lateral (
     select index from audit_entries
      where workspace_id = $1 and event_id = w.id and event_id >= $3 and event_id <= $4 limit 1) as n on true
    left join lateral (
     select data from audit_personal
      where workspace_id = $1 and event_id = w.id and event_id >= $3 and event_id <= $4 limit 1) as p on true`;
