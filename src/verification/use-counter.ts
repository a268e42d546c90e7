import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { recordingOf, refuseToAnswer } from '../audit-log/audit-recorder.js';
import type { AuditRow } from '../audit-log/audit-row.js';
import {
  afterUse,
  limitRefusal,
  limitsAsJson,
  limitsLeft,
  type LimitRefusal,
  type LimitsLeft,
  type TokenLimits,
} from '../credentials/token-limits.js';
import { Clock } from '../platform/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import type { Lane, Statement } from '../platform/database/lane.js';
import { Lanes } from '../platform/database/lanes.js';

/** The limits a use of a token counts against: its own and its ancestors', as they were looked up. At least one. */
export type Use = readonly TokenLimits[];

/** What became of a use. */
export interface CountedUse {
  /** Null if it was admitted, and has been counted. */
  refusal: LimitRefusal | null;
  /** What is left after it. */
  left: LimitsLeft;
}

/** The uses of one request, which are decided in their order, and recorded together. */
export interface Counting {
  uses: readonly Use[];
  /** How many events it has; of a batch also those of items that count nothing. */
  events: number;
  /**
   * All events of the request, once its uses are decided. May be asked again: what could not be written is decided
   * anew.
   */
  rows: (counted: readonly CountedUse[]) => AuditRow[];
}

/** No two instances may make the same row; none has locked anything yet, so they cannot wait for each other in a ring. */
const BEGIN_COUNTERS = `
  insert into token_counters (token_id)
  select id from unnest($1::text[]) as new (id) order by id on conflict do nothing`;

/** All lock in one order, so two batches cannot wait for each other in a ring. The limits are those of this moment. */
const LOCK_COUNTERS = `
  select ${limitsAsJson('token', 'counter')} as limits
    from token_counters counter join tokens token on token.id = counter.token_id
   where counter.token_id = any($1::text[])
   order by counter.token_id for update of counter`;

/** A window is left as it is while there is no rate limit: one that is set again finds what was counted. */
const WRITE_COUNTERS = `
  update token_counters as counter
     set uses = now.uses,
         window_started_at = coalesce(now.window_started_at, counter.window_started_at),
         window_uses = coalesce(now.window_uses, counter.window_uses)
    from json_to_recordset($1::json) as now (
      token_id text, uses bigint, window_started_at timestamptz, window_uses integer)
   where counter.token_id = now.token_id`;

/**
 * Counts uses of tokens with limits, in the transaction of the events that tell of them: exactly, whatever instances
 * and requests do it at the same time. Everything that waits shares the next transaction, which locks each token's
 * counter once, however often it is used in it.
 */
@Injectable()
export class UseCounter implements OnApplicationShutdown {
  private readonly lane: Lane;
  private readonly batcher = new Batcher<Counting, null>((jobs) => this.carryOut(jobs), {
    maxBatch: 512,
    maxWaiting: 8_192,
    sizeOf: ({ events }) => events,
  });

  constructor(
    lanes: Lanes,
    private readonly clock: Clock,
  ) {
    this.lane = lanes.open('limits');
  }

  /**
   * Decides the uses and records the request's events, in one commit with all others that are waiting.
   *
   * @param deadline by `performance.now()`.
   * @throws Problem `unavailable` when that cannot be done; then nothing is counted.
   */
  async count(counting: Counting, deadline: number | null): Promise<void> {
    await this.batcher.submit(counting, deadline ?? undefined).catch(refuseToAnswer);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.drained();
    await this.lane.close();
  }

  private async carryOut(jobs: readonly Counting[]): Promise<null[]> {
    const limits = jobs.flatMap(({ uses }) => uses.flat());
    const unbegun = limits.filter(({ begun }) => !begun);
    if (unbegun.length > 0) await this.lane.run('begin-counters', BEGIN_COUNTERS, [idsOf(unbegun)]);
    await this.lane.transaction(lock(idsOf(limits)), (rows) => {
      const counters = countersOf(rows as CounterRow[]);
      const before = new Map(counters);
      // Read once nobody else can count: so the windows of one token follow each other in time.
      const now = this.clock.now();
      const counted = jobs.map(({ uses }) => uses.map((use) => countOne(counters, use, now)));
      const changed = [...counters.values()].filter((each) => each !== before.get(each.tokenId));
      const events = jobs.flatMap((job, at) => job.rows(counted[at]!));
      return [...(changed.length > 0 ? [write(changed)] : []), recordingOf(events)];
    });
    return jobs.map(() => null);
  }
}

interface CounterRow {
  limits: TokenLimits;
}

/** The counters of a batch, by token; each use finds what those before it have left. */
type Counters = Map<string, TokenLimits>;

function countersOf(rows: readonly CounterRow[]): Counters {
  return new Map(rows.map(({ limits }) => [limits.tokenId, limits]));
}

function countOne(counters: Counters, use: Use, now: number): CountedUse {
  const limits = use.map(({ tokenId }) => {
    const counter = counters.get(tokenId);
    if (counter === undefined) throw new Error('a token with limits has no counter');
    return counter;
  });
  const refusal = limitRefusal(limits, now);
  if (refusal !== null) return { refusal, left: limitsLeft(limits, now) };
  const after = limits.map((each) => afterUse(each, now));
  for (const each of after) counters.set(each.tokenId, each);
  return { refusal: null, left: limitsLeft(after, now) };
}

function lock(ids: readonly string[]): Statement {
  return { name: 'lock-counters', text: LOCK_COUNTERS, values: [ids] };
}

function write(counters: readonly TokenLimits[]): Statement {
  const rows = counters.map(({ tokenId, uses, rate }) => ({
    token_id: tokenId,
    uses,
    window_started_at: rate?.startedAt == null ? null : new Date(rate.startedAt).toISOString(),
    window_uses: rate?.used ?? null,
  }));
  return { name: 'write-counters', text: WRITE_COUNTERS, values: [JSON.stringify(rows)] };
}

function idsOf(limits: readonly TokenLimits[]): string[] {
  return [...new Set(limits.map(({ tokenId }) => tokenId))];
}
