import { Injectable } from '@nestjs/common';
import type { Principal } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { firstHandleAt } from '../../platform/ids.js';
import type { AuditOutcome } from '../audit-actions.js';
import { bucketsOf, startOf, type Buckets } from './buckets.js';
import { EventFilters, namedActions } from './event-filters.js';
import type { Question } from './event-finder.js';
import type { EventBucketDto, EventStatsDto, EventStatsQuery } from './event-stats.dto.js';
import { bucketOf, countStatement, startOfBucket, sumStatement, type Search } from './find-statement.js';
import { StatementValues } from './statement-values.js';
import { viewOf, type LogView } from './visible.js';
import { WorkspaceLog } from './workspace-log.js';

/** So many of one kind in one bucket. */
interface Sum {
  bucket: number;
  action: string;
  outcome: AuditOutcome;
  /** Empty for a success. */
  reason: string;
  count: number;
}

interface LookedAt extends Sum {
  matches: boolean;
  looked_at: number;
}

const HOUR = 3_600;
/** Filters that the tallies know nothing of. */
const NOT_TALLIED = ['actor_type', 'actor_id', 'target_type', 'target_id', 'ip', 'request_id', 'q'] as const;
/** Events that are read for one answer; about half a second's worth. */
const MOST_EVENTS = 200_000;

/** Counts decisions for charts: from the tallies of each minute or hour, or else from the events that the filters lead to. */
@Injectable()
export class EventStatsService {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly filters: EventFilters,
    private readonly clock: Clock,
  ) {}

  async count(caller: Principal, query: EventStatsQuery): Promise<EventStatsDto> {
    const buckets = bucketsOf(query, this.clock.now());
    const { view, conditions } = await this.filters.question(viewOf(caller, query), query);
    const isTallied = NOT_TALLIED.every((name) => query[name] === undefined);
    const sums = isTallied
      ? await this.fromTallies(view, query, buckets)
      : await this.fromEvents({ view, conditions, span: spanOf(buckets) }, buckets);
    return {
      interval: query.interval,
      from: startOf(buckets.first, buckets),
      to: startOf(buckets.end, buckets),
      data: filled(sums, buckets),
    };
  }

  private fromTallies(view: LogView, query: EventStatsQuery, buckets: Buckets): Promise<Sum[]> {
    const sql = new StatementValues();
    const { width, first, end } = buckets;
    // Hours and days are made of whole hours.
    const [table, column] = width < HOUR ? ['audit_stats', 'minute'] : ['audit_stats_by_hour', 'hour'];
    const [workspace, environments] = [sql.add(view.workspaceId), sql.add(view.environments)];
    const [from, to] = [sql.add(first * width), sql.add(end * width)];
    const named = [
      { column: 'action', values: query.action && namedActions(query.action) },
      { column: 'outcome', values: query.outcome },
      { column: 'reason', values: query.reason },
    ].flatMap(({ column, values }) =>
      values === undefined ? [] : [` and ${column} = any(${sql.add(values)}::text[])`],
    );
    const tallies = `
      select environment, moment, action, outcome, reason, count from (
        select environment, ${column} as moment, action, outcome, reason, count from ${table}
         where workspace_id = ${workspace}
        union all ${waiting(workspace)}
      ) as tally
      where environment = any(${environments}::text[])
        and moment >= to_timestamp(${from}::float8) and moment < to_timestamp(${to}::float8) ${named.join('')}`;
    return this.log.alongIndexes(view.workspaceId, () =>
      this.database.query<Sum>(
        `select ${bucketOf('start', width, sql)} as bucket, action, outcome, reason, count from (
           select ${startOfBucket('moment', width, sql)} as start, action, outcome, reason, sum(count)::float8 as count
             from (${tallies}) as tally group by 1, 2, 3, 4) as sums`,
        sql.all,
      ),
    );
  }

  private async fromEvents(question: Question, { width }: Buckets): Promise<Sum[]> {
    const rows = await this.log.alongIndexes(question.view.workspaceId, async () => {
      const { text, values } = sumStatement(await this.shortest(question), width, MOST_EVENTS);
      return this.database.query<LookedAt>(text, values);
    });
    if (rows.reduce((sum, { looked_at }) => sum + looked_at, 0) > MOST_EVENTS) {
      const message = `leaves more than ${MOST_EVENTS} events to count one by one; ask for a shorter time`;
      throw Problem.invalid([{ field: 'from', message }]);
    }
    return rows.filter(({ matches }) => matches);
  }

  /** By the filter that leads to the fewest events. */
  private async shortest({ view, span, conditions }: Question): Promise<Search> {
    let best: Search = { view, span, order: 'asc', access: null, tests: conditions };
    let fewest = Infinity;
    for (const leading of conditions) {
      const access = await leading.access(span);
      if (access === null) continue;
      const search = { ...best, access, tests: conditions.filter((each) => each !== leading) };
      const { text, values } = countStatement(search, MOST_EVENTS);
      const [row] = await this.database.query<{ count: number }>(text, values);
      if (row!.count < fewest) [best, fewest] = [search, row!.count];
    }
    return best;
  }
}

/**
 * Tallies of what has not been sequenced yet. Read at one moment with those that have: nothing is missed between them,
 * and nothing counted twice.
 */
function waiting(workspace: string): string {
  return `
    select environment, minute, action, outcome, reason, count
      from audit_pending as pending
      cross join json_to_recordset(pending.payload::json -> 'stats') as tally (
        "workspaceId" text, environment text, minute timestamptz, action text, outcome text, reason text, count bigint)
     where "workspaceId" = ${workspace}`;
}

function spanOf({ width, first, end }: Buckets): Question['span'] {
  return {
    from: firstHandleAt('evt', first * width * 1000),
    before: firstHandleAt('evt', end * width * 1000),
  };
}

function filled(sums: readonly Sum[], buckets: Buckets): EventBucketDto[] {
  const length = buckets.end - buckets.first;
  const data = Array.from({ length }, (_, at) => emptyBucket(startOf(buckets.first + at, buckets)));
  const inOrder = [...sums].sort((a, b) => (`${a.action} ${a.reason}` < `${b.action} ${b.reason}` ? -1 : 1));
  for (const { bucket, action, outcome, reason, count } of inOrder) {
    const into = data[bucket - buckets.first];
    // Of an event whose time is not the one in its handle; there should be none.
    if (into === undefined) continue;
    into.count += count;
    into.outcomes[outcome] += count;
    into.actions[action] = (into.actions[action] ?? 0) + count;
    if (reason !== '') into.reasons[reason] = (into.reasons[reason] ?? 0) + count;
  }
  return data;
}

function emptyBucket(start: string): EventBucketDto {
  return { start, count: 0, outcomes: { success: 0, denied: 0, failure: 0 }, actions: {}, reasons: {} };
}
