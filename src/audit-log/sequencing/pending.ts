import type { SealedEvent } from '../recording/seal.js';
import { addUp, type ValueUse } from './value-uses.js';

/** Counted for the charts: how often, in one minute, one action ended one way. */
export interface Tally {
  workspaceId: string;
  environment: string;
  /** RFC 3339, a whole minute. */
  minute: string;
  action: string;
  outcome: string;
  /** Empty for a success. */
  reason: string;
  count: number;
}

/** What one insert leaves for the sequencer, so that it need not read the events again. */
export interface Pending {
  /** Workspace, handle, and base64 of the leaf's hash, in the order of the log to be. */
  events: [workspaceId: string, id: string, leafHash: string][];
  stats: Tally[];
  /** Names by which actors and targets can be found. */
  names: [workspaceId: string, id: string, name: string, hint: string][];
  /** Of values that rotation has replaced; hardly ever any, and unknown to rows of before there were any. */
  uses?: ValueUse[];
}

/** Text of a row of `audit_pending`. */
export function writePending(sealed: readonly SealedEvent[]): string {
  const stats = new Map<string, Tally>();
  const names: Pending['names'] = [];
  for (const { row, names: named } of sealed) {
    tally(stats, {
      workspaceId: row.workspace_id,
      environment: row.environment,
      minute: `${row.occurred_at.slice(0, 'YYYY-MM-DDTHH:mm'.length)}:00Z`,
      action: row.action,
      outcome: row.outcome,
      reason: row.reason ?? '',
      count: row.count,
    });
    for (const { id, name, hint } of named) names.push([row.workspace_id, id, name, hint]);
  }
  const pending: Pending = {
    events: sealed.map(({ row, leafHash }) => [row.workspace_id, row.id, leafHash]),
    stats: [...stats.values()],
    names: eachOnce(names),
  };
  const uses = addUp(sealed.flatMap((event) => event.uses));
  return JSON.stringify(uses.length === 0 ? pending : { ...pending, uses });
}

/** All of several inserts in one, in their order. */
export function joinPending(texts: readonly string[]): Required<Pending> {
  const all = texts.map((text) => JSON.parse(text) as Pending);
  const stats = new Map<string, Tally>();
  for (const each of all.flatMap((pending) => pending.stats)) tally(stats, each);
  return {
    events: all.flatMap(({ events }) => events),
    stats: [...stats.values()],
    names: eachOnce(all.flatMap(({ names }) => names)),
    uses: addUp(all.flatMap(({ uses }) => uses ?? [])),
  };
}

/** The same as several rows would have it, one for each log, so that one that fails keeps nobody waiting. */
export function splitPending(texts: readonly string[]): string[] {
  const { events, stats, names, uses } = joinPending(texts);
  const logs = new Set(events.map(([workspaceId]) => workspaceId));
  return [...logs].map((log) =>
    JSON.stringify({
      events: events.filter(([workspaceId]) => workspaceId === log),
      stats: stats.filter(({ workspaceId }) => workspaceId === log),
      names: names.filter(([workspaceId]) => workspaceId === log),
      uses: uses.filter(({ workspaceId }) => workspaceId === log),
    }),
  );
}

/** None of their parts has a NUL: an event keeps none. */
function eachOnce(names: Pending['names']): Pending['names'] {
  return [...new Map(names.map((name) => [name.join('\0'), name])).values()];
}

function tally(stats: Map<string, Tally>, one: Tally): void {
  const key = `${one.workspaceId} ${one.environment} ${one.minute} ${one.action} ${one.outcome} ${one.reason}`;
  const known = stats.get(key);
  if (known === undefined) stats.set(key, { ...one });
  else known.count += one.count;
}
