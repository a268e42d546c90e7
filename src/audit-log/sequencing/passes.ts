import type { Ask, Lane, Statement } from '../../platform/database/lane.js';
import { isOutOfReach } from '../../platform/database/unavailable.js';
import { SEQUENCE_LOCK } from './sequence-lock.js';
import { joinPending, splitPending, type Pending } from './pending.js';
import { growTrees } from './tree-growth.js';
import { ADD_USES } from './value-uses.js';

/** How many inserts one pass takes: of up to 512 events each. */
const BATCHES_A_PASS = 128;
/** From here on it was worth a pass. */
const MANY_EVENTS = 64;
/** How long what cannot be sequenced is left alone. */
const STUCK_PAUSE_MS = 10_000;

/** What a pass has found: a few events, many, so many that there are more, none, or another instance at it. */
export type Pass = 'few' | 'many' | 'more' | 'nothing' | 'elsewhere';

/**
 * Passes of the sequencer: each is one transaction under an advisory lock, and keeps nothing in memory, so any instance
 * may do the next, and one that is killed leaves nothing behind.
 */
export class Passes {
  /** Rows of `audit_pending` that are passed over for a while. */
  private readonly stuck = new Set<string>();

  constructor(private readonly lane: Lane) {}

  /** Sequences what is there now, and says how that went. */
  async next(): Promise<Pass> {
    if (!(await this.isAnythingPending())) return 'nothing';
    try {
      return await this.sequence(this.nextOnes());
    } catch (error) {
      if (isOutOfReach(error)) throw error;
      // Whatever it is, it is in one log: the others must not wait for it.
      await this.sequenceApart();
      throw error;
    }
  }

  private sequence(which: Statement): Promise<Pass> {
    return this.lane.unit(async (ask) => {
      const taken = await take(ask, which);
      if (taken === null) return 'elsewhere';
      if (taken.length === 0) return 'nothing';
      const pending = joinPending(taken);
      await append(ask, pending);
      if (taken.length === BATCHES_A_PASS) return 'more';
      return pending.events.length < MANY_EVENTS ? 'few' : 'many';
    });
  }

  /** Log by log; what cannot be sequenced is left, and tried again after a while. */
  private async sequenceApart(): Promise<void> {
    const apart = await this.lane.unit(async (ask) => {
      const payloads = splitPending((await take(ask, this.nextOnes())) ?? []);
      const rows = await ask<{ id: string }>(...payloads.map(putBack));
      return rows.map(([row]) => row!.id);
    });
    for (const id of apart) {
      await this.sequence(theOne(id)).catch(() => {
        this.leaveAlone(id);
      });
    }
  }

  private leaveAlone(id: string): void {
    this.stuck.add(id);
    setTimeout(() => this.stuck.delete(id), STUCK_PAUSE_MS).unref();
  }

  /** Without a transaction, which would cost more round trips each time that nothing has happened. */
  private async isAnythingPending(): Promise<boolean> {
    const rows = await this.lane.run('pending', IS_PENDING, [[...this.stuck]]);
    return rows.length > 0;
  }

  private nextOnes(): Statement {
    return { name: 'take', text: TAKE, values: [SEQUENCE_LOCK, BATCHES_A_PASS, [...this.stuck]] };
  }
}

/** Rows taken out, in their order; null while another instance is at it. */
async function take(ask: Ask, which: Statement): Promise<string[] | null> {
  const [rows] = await ask<Taken>(which);
  if (rows![0]?.held !== true) return null;
  return rows!.flatMap(({ payload }) => (payload === null ? [] : [payload]));
}

interface Taken {
  held: boolean;
  payload: string | null;
}

const IS_PENDING = 'select from audit_pending where id <> all($1::bigint[]) limit 1';

/** @param which rows, as a condition and what follows it. */
const taking = (which: string): string => `
  with turn as materialized (select pg_try_advisory_xact_lock($1) as held),
  taken as (
    delete from audit_pending
     where id in (select id from audit_pending where (select held from turn) and ${which})
    returning id, payload)
  select held, payload from turn left join taken on true order by id`;

const TAKE = taking('id <> all($3::bigint[]) order by id limit $2');
const TAKE_ONE = taking('id = $2');

/** By its id, since another may have been committed before it meanwhile. */
function theOne(id: string): Statement {
  return { name: 'take-one', text: TAKE_ONE, values: [SEQUENCE_LOCK, id] };
}

function putBack(payload: string): Statement {
  return {
    name: 'put-back',
    text: 'insert into audit_pending (payload) values ($1) returning id',
    values: [payload],
  };
}

/** Appends events in their order, and what is counted and named with them. */
async function append(ask: Ask, { events, stats, names, uses }: Required<Pending>): Promise<void> {
  await ask(
    ...(await growTrees(ask, events)),
    { name: 'add-stats', text: ADD_STATS, values: [JSON.stringify(stats)] },
    { name: 'add-names', text: ADD_NAMES, values: [0, 1, 2, 3].map((at) => names.map((name) => name[at])) },
    ...(uses.length > 0 ? [{ name: 'add-uses', text: ADD_USES, values: [JSON.stringify(uses)] }] : []),
  );
}

const ADD_STATS = `
  insert into audit_stats (workspace_id, environment, minute, action, outcome, reason, count)
  select * from json_to_recordset($1::json) as tally (
    "workspaceId" text, environment text, minute timestamptz, action text, outcome text, reason text, count bigint)
  on conflict (workspace_id, environment, minute, action, outcome, reason)
  do update set count = audit_stats.count + excluded.count`;

const ADD_NAMES = `
  insert into audit_names (workspace_id, id, name, hint)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  on conflict do nothing`;
