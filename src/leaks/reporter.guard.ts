import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { networkOf } from '../platform/addresses.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';

/** So many reports a minute are taken from one network; a minute begins with the first of them. */
export const REPORTS_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** How many rows of past minutes a report takes away: more than it adds, so that they cannot pile up. */
const SWEPT = 10;

/**
 * Counts the reports of each network, exactly and for all instances together. A guard, so that it happens before the
 * handler's transaction: within it, everybody from one network would wait for the other's commit, holding a connection.
 */
@Injectable()
export class ReporterGuard implements CanActivate {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `rate_limited` with the seconds until the minute is over. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { facts } = context.switchToHttp().getRequest<FastifyRequest>();
    const network = Buffer.from(this.hasher.hash(`leak reporter\n${networkOf(facts?.ip ?? '')}`), 'hex');
    const now = this.clock.now();
    // Over in either direction: a clock that was set back must not make a minute last for hours.
    const [from, to] = [new Date(now - MINUTE_MS), new Date(now + MINUTE_MS)];
    const admitted = await this.database.query(
      `insert into leak_reporters as known (network, since, reports) values ($1, $2, 1)
       on conflict (network) do update
         set since = case when known.since > $3 and known.since < $4 then known.since else excluded.since end,
             reports = case when known.since > $3 and known.since < $4 then known.reports + 1 else 1 end
         where known.reports < $5 or known.since <= $3 or known.since >= $4
       returning reports`,
      [network, new Date(now), from, to, REPORTS_A_MINUTE],
    );
    if (admitted.length === 0) throw tooMany(await this.left(network, now));
    await this.database.query(
      `delete from leak_reporters where network in (
         select network from leak_reporters where since <= $1 order by since limit $2 for update skip locked)`,
      [from, SWEPT],
    );
    return true;
  }

  /** Milliseconds until the network's minute is over. */
  private async left(network: Buffer, now: number): Promise<number> {
    const [row] = await this.database.query<{ since: Date }>(
      'select since from leak_reporters where network = $1',
      [network],
    );
    return (row?.since.getTime() ?? now) + MINUTE_MS - now;
  }
}

function tooMany(milliseconds: number): Problem {
  const seconds = Math.min(Math.max(Math.ceil(milliseconds / 1000), 1), MINUTE_MS / 1000);
  return new Problem(
    'rate_limited',
    `At most ${REPORTS_A_MINUTE} reports a minute are taken from one address`,
    { headers: { 'retry-after': String(seconds) } },
  );
}
