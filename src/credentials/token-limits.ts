/** A rate limit and its window: fixed windows, each of which begins with a use. Times are Unix milliseconds. */
export interface RateLimit {
  limit: number;
  windowSeconds: number;
  /** When the newest window began; null before the first use. */
  startedAt: number | null;
  /** Uses counted in that window. */
  used: number;
}

/** How often one token may be found valid, and how often it was. */
export interface TokenLimits {
  tokenId: string;
  /** Null is without limit. */
  maxUses: number | null;
  /** Uses counted so far. */
  uses: number;
  /** Null is without limit. */
  rate: RateLimit | null;
  /** Whether anything was counted yet, so that there is a row to count in. */
  begun: boolean;
}

/** What of a rate limit is left at a moment. */
export interface RateLeft {
  limit: number;
  remaining: number;
  /** When the window ends, in Unix milliseconds; of one that a use would begin now, if none is running. */
  resetAt: number;
}

/** What is left of all the limits of a chain, of which the tightest counts. */
export interface LimitsLeft {
  /** Null is without limit. */
  uses: number | null;
  /** Null is without limit. */
  rate: RateLeft | null;
}

/** Which limit refuses a use, and whose it is. */
export interface LimitRefusal {
  code: 'exhausted' | 'rate_limited';
  tokenId: string;
}

/**
 * The limits of a token in SQL, as JSON; null if it has none, which costs a token without limits nothing.
 *
 * @param token alias of its row of `tokens`.
 */
export function limitsInSql(token: string): string {
  return `case when ${token}.max_uses is not null or ${token}.rate_limit is not null then (
    select ${limitsAsJson(token, 'counter')}
      from (values (1)) as one left join token_counters counter on counter.token_id = ${token}.id) end`;
}

/** The same of a row of `tokens` that is joined with its row of `token_counters` already. */
export function limitsAsJson(token: string, counter: string): string {
  return `json_build_object(
    'tokenId', ${token}.id, 'maxUses', ${token}.max_uses, 'uses', coalesce(${counter}.uses, 0),
    'rate', case when ${token}.rate_limit is not null then json_build_object(
      'limit', ${token}.rate_limit, 'windowSeconds', ${token}.rate_limit_window_seconds,
      'startedAt', extract(epoch from ${counter}.window_started_at) * 1000,
      'used', coalesce(${counter}.window_uses, 0)) end,
    'begun', ${counter}.token_id is not null)`;
}

/** How many uses of a token's own are left; null is without limit. */
export function usesLeft({ maxUses, uses }: TokenLimits): number | null {
  return maxUses === null ? null : Math.max(0, maxUses - uses);
}

/** What of a rate limit is left at this moment. */
export function rateLeft(rate: RateLimit, now: number): RateLeft {
  const { startedAt, used } = windowAt(rate, now);
  return {
    limit: rate.limit,
    remaining: Math.max(0, rate.limit - used),
    resetAt: startedAt + rate.windowSeconds * 1000,
  };
}

/**
 * What is left of the limits of a chain: the fewest uses, and the rate limit that has the least left; of several,
 * the one that stays so for longest.
 */
export function limitsLeft(limits: readonly TokenLimits[], now: number): LimitsLeft {
  const uses = limits.flatMap((each) => usesLeft(each) ?? []);
  const rates = limits.flatMap(({ rate }) => (rate === null ? [] : [rateLeft(rate, now)]));
  rates.sort((one, other) => one.remaining - other.remaining || other.resetAt - one.resetAt);
  return { uses: uses.length === 0 ? null : Math.min(...uses), rate: rates[0] ?? null };
}

/**
 * Whether the chain's limits refuse a use at this moment; null = they admit it. Every member's count: a token cannot
 * be used more often than those it descends from may be (contract §5).
 */
export function limitRefusal(limits: readonly TokenLimits[], now: number): LimitRefusal | null {
  const exhausted = limits.find((each) => usesLeft(each) === 0);
  if (exhausted !== undefined) return { code: 'exhausted', tokenId: exhausted.tokenId };
  const limited = limits.find(({ rate }) => rate !== null && rateLeft(rate, now).remaining === 0);
  return limited === undefined ? null : { code: 'rate_limited', tokenId: limited.tokenId };
}

/** The limits after one more use at this moment. */
export function afterUse(limits: TokenLimits, now: number): TokenLimits {
  const { rate } = limits;
  const uses = limits.uses + 1;
  if (rate === null) return { ...limits, uses };
  const { startedAt, used } = windowAt(rate, now);
  return { ...limits, uses, rate: { ...rate, startedAt, used: used + 1 } };
}

/**
 * The window a use at this moment falls into. One that began in the future, by the clock of another instance, is
 * running: a clock that is ahead delays the next window, and never lets more through.
 */
function windowAt({ startedAt, used, windowSeconds }: RateLimit, now: number): WindowUses {
  const isRunning = startedAt !== null && now < startedAt + windowSeconds * 1000;
  return isRunning ? { startedAt, used } : { startedAt: now, used: 0 };
}

interface WindowUses {
  startedAt: number;
  used: number;
}
