import type { Access, Condition, RangeAccess, ValueAccess, Way } from './condition.js';
import { entriesOf, inOrder, type IndexEdge } from './index-range.js';
import type { Order, Span } from './span.js';
import { spanIn, StatementValues } from './statement-values.js';
import type { LogView } from './visible.js';

/** A statement and its values. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** What is looked for, and how. */
export interface Search {
  view: LogView;
  span: Span;
  order: Order;
  /** The index that is gone along; null: that of all events. */
  access: Access | null;
  /** What else is true of the events; each is asked. */
  tests: readonly Condition[];
}

/** A row of {@link findStatement}. */
export interface FoundRow {
  id: string;
  /** False of an event that only marks how far the search has come. */
  matches: boolean;
  /** What comes behind it was not looked at. */
  is_last: boolean;
}

/**
 * The first events in the order of the list. For each value and environment there is a range of an index that has them
 * in this order: it is read until there are enough of them, or until so many events were looked at.
 */
export function findStatement(search: Search, limit: number, lookedAt: number): Statement {
  const sql = startedWith(search.view);
  const share = Math.max(Math.ceil(lookedAt / rangesOf(search)), limit);
  const found = alongEach(search, sql, (way) =>
    search.tests.length === 0 && way.byEnvironment
      ? `select id, true as matches, false as is_last from (${entries(search, way, limit, sql)}) as entry`
      : testedEntries(search, way, { limit, share }, sql),
  );
  return {
    text: `select id, bool_or(matches) as matches, bool_or(is_last) as is_last from (${found}) as found
            group by id order by id ${search.order} limit ${sql.add(limit)}`,
    values: sql.all,
  };
}

/** For each of the searches, by its number, the event that its next so many entries reach; null: there are fewer. */
export function reachStatement(view: LogView, searches: readonly Search[], depth: number): Statement {
  const sql = startedWith(view);
  const reaches = searches.map((search, at) => {
    const found = alongEach(search, sql, (way) => entries(search, way, depth, sql));
    return `(select id from (${found}) as found
              order by id ${search.order} offset ${sql.add(depth - 1)} limit 1) as "${at}"`;
  });
  return { text: `select ${reaches.join(', ')}`, values: sql.all };
}

/** How many events the index leads to; if there are more than `atMost`, one more than that. */
export function countStatement(search: Search, atMost: number): Statement {
  const sql = startedWith(search.view);
  const found = alongEach(search, sql, (way) => entries(search, way, null, sql));
  const text = `select count(*)::int as count from (${found} limit ${sql.add(atMost + 1)}) as found`;
  return { text, values: sql.all };
}

/**
 * How often events ended how, by the time they fall in; with how many events were looked at for that, of which there
 * is one more than `atMost` when there would have been more.
 *
 * @param width of what is counted together, in seconds.
 */
export function sumStatement(search: Search, width: number, atMost: number): Statement {
  const sql = startedWith(search.view);
  const { tests, span, view, access } = search;
  const found = alongEach(search, sql, (way) => events(search, way, null, sql));
  // Whoever did something to itself is found in both ways.
  const once = waysOf(access).length > 1 ? `select distinct on (id) * from (${found}) as found` : found;
  return {
    text: `
      select ${bucketOf(startOfBucket('occurred_at', width, sql), width, sql)} as bucket, action, outcome,
             coalesce(reason, '') as reason, matches, sum(count)::float8 as count, count(*)::int as looked_at
        from (select e.*, e.environment = any(${sql.add(view.environments)}::text[]) and ${allOf(tests, sql, span)} as matches
                from (${once} limit ${sql.add(atMost + 1)}) as e) as looked
       group by 1, 2, 3, 4, 5`,
    values: sql.all,
  };
}

/** SQL of the moment at which the bucket of another begins. */
export function startOfBucket(moment: string, width: number, sql: StatementValues): string {
  return `date_bin(make_interval(secs => ${sql.add(width)}::int), ${moment}, 'epoch')`;
}

/** SQL of the number of the bucket that begins then, counted from the beginning of 1970. */
export function bucketOf(start: string, width: number, sql: StatementValues): string {
  return `date_part('epoch', ${start}) / ${sql.add(width)}::int`;
}

/** SQL that is true of an event `e` for which every one of them is. */
export function allOf(tests: readonly Condition[], sql: StatementValues, span: Span): string {
  return ['true', ...tests.map((condition) => condition.test(sql, span))].join(' and ');
}

export function startedWith({ workspaceId }: LogView): StatementValues {
  const sql = new StatementValues();
  sql.add(workspaceId);
  return sql;
}

const EVERY_EVENT: Way = { table: 'audit_events', column: null, byEnvironment: true };
const BY_RANGE: Way = { table: 'audit_personal', column: 'ip', byEnvironment: true };

function waysOf(access: Access | null): readonly Way[] {
  if (access === null) return [EVERY_EVENT];
  return isByValue(access) ? access.ways : [BY_RANGE];
}

/** Of how many ranges of an index the search consists. */
function rangesOf({ view, access }: Search): number {
  const values = access !== null && isByValue(access) ? access.values.length : 1;
  const environments = waysOf(access).map(({ byEnvironment }) =>
    byEnvironment ? view.environments.length : 1,
  );
  return Math.max(values * environments.reduce((sum, each) => sum + each, 0), 1);
}

/** What the scan finds, for every environment and value, in every way. */
function alongEach({ view, access }: Search, sql: StatementValues, scan: (way: Way) => string): string {
  const along = (way: Way): string => {
    const environments = `unnest(${sql.add(way.byEnvironment ? view.environments : [null])}::text[]) as v (environment)`;
    return `select scan.* from ${environments} ${valuesOf(access, sql)} cross join lateral (${scan(way)}) as scan`;
  };
  return waysOf(access).map(along).join(' union all ');
}

function valuesOf(access: Access | null, sql: StatementValues): string {
  if (access === null) return '';
  if (isByValue(access)) return `cross join unnest(${sql.add(access.values)}::${access.type}[]) as w (value)`;
  const { low, high } = access;
  return `cross join unnest(${sql.add(low)}::inet[], ${sql.add(high)}::inet[]) as w (low, high)`;
}

/** Handles of one range of an index in the order of its key and of the events; null: all of them. */
function entries(search: Search, way: Way, limit: number | null, sql: StatementValues): string {
  const { order, access, span } = search;
  const atMost = limit === null ? '' : `limit ${sql.add(limit)}`;
  const edge = edgeOf(way);
  if (isRange(access)) {
    const within = `${scope(way)} and ip >= w.low and ip <= w.high ${spanIn(span, edge.id, sql)}`;
    // Sorted outside, lest the planner take an index that has the order and not the addresses.
    return `select id, null as key from (select event_id as id from ${within} offset 0) as entry
             order by id ${order} ${atMost}`;
  }
  return `select ${edge.id} as id, ${edge.column} as key from ${range(search, way, sql)} ${inOrder(edge, order)} ${atMost}`;
}

/** The events themselves, likewise. No test is moved below the limit, and to another index. */
function events(search: Search, way: Way, limit: number | null, sql: StatementValues): string {
  const { order, span } = search;
  if (way.table === 'audit_events') {
    const edge = edgeOf(way);
    const atMost = limit === null ? 'offset 0' : `limit ${sql.add(limit)}`;
    return `select *, ${edge.column} as key from ${range(search, way, sql)} ${inOrder(edge, order)} ${atMost}`;
  }
  return `select e.*, entry.key from (${entries(search, way, limit, sql)}) as entry cross join lateral (
    select * from audit_events where workspace_id = $1 and id = entry.id ${spanIn(span, 'id', sql)} limit 1) as e`;
}

/** Those of them that pass the tests, and the last one that was looked at. */
function testedEntries(
  search: Search,
  way: Way,
  { limit, share }: { limit: number; share: number },
  sql: StatementValues,
): string {
  const { order, span, tests, view } = search;
  const isVisible = way.byEnvironment ? '' : `e.environment = any(${sql.add(view.environments)}::text[]) and`;
  const last = sql.add(share);
  return `
    select id, matches, place = ${last} as is_last from (
      select e.id, e.key, ${isVisible} ${allOf(tests, sql, span)} as matches,
             row_number() over (order by e.key ${order}, e.id ${order}) as place
        from (${events(search, way, share, sql)}) as e) as looked
     where matches or place = ${last} order by key ${order}, id ${order} limit ${sql.add(limit)}`;
}

/** What stands behind `from`: the entries of one value in the way's index. */
function range({ span }: Search, way: Way, sql: StatementValues): string {
  return `${scope(way)} and ${entriesOf(edgeOf(way), span, sql)}`;
}

function scope({ table, column, byEnvironment }: Way): string {
  const isOne = byEnvironment && column !== null ? 'and environment = v.environment' : '';
  return `${table} where workspace_id = $1 ${isOne}`;
}

function edgeOf({ table, column }: Way): IndexEdge {
  const id = table === 'audit_personal' ? 'event_id' : 'id';
  return column === null
    ? { column: 'environment', value: 'v.environment', id }
    : { column, value: 'w.value', id };
}

function isByValue(access: Access): access is ValueAccess {
  return 'values' in access;
}

function isRange(access: Access | null): access is RangeAccess {
  return access !== null && !isByValue(access);
}
