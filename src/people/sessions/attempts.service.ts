import { Injectable } from '@nestjs/common';
import { parseCidr } from '../../platform/addresses.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { hashOf } from '../links/person-secret.js';

/** Something that is slowed down, and how many attempts it has before that. */
export interface Slowed {
  what: string;
  free: number;
}

/** Attempts that were let through, to be taken back if they succeed. */
export interface Attempt {
  /** Of what this success clears the name: it is theirs. */
  own: Buffer[];
  /** Of what it says nothing about the other attempts. */
  shared: Buffer[];
}

const LONGEST_DELAY_SECONDS = 900;
const FORGOTTEN_MS = 24 * 3600 * 1000;

/**
 * Slows guessing down: after some attempts each one more doubles the wait, up to a quarter of an hour. The count is
 * in the database, and an attempt is counted before it is judged, so neither several instances nor a thousand requests
 * at once get more.
 *
 * An account is slowed down by address: strangers elsewhere cannot lock its owner out. Nor can those behind the same
 * address, where the owner's browser has signed in before: that one is counted by itself.
 */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /**
   * What an attempt to sign in counts against.
   *
   * @param device the secret by which the browser is known as the account's own; null: it is not.
   */
  ofSignIn(email: string, ip: string, device: string | null): { own: Slowed[]; shared: Slowed[] } {
    if (device !== null) return { own: [{ what: `device\n${email}\n${device}`, free: 10 }], shared: [] };
    const network = networkOf(ip);
    return {
      own: [{ what: `account\n${email}\n${network}`, free: 5 }],
      shared: [{ what: `address\n${network}`, free: 20 }],
    };
  }

  /** Accounts are made from one address at leisure. */
  ofSignUp(ip: string): { own: Slowed[]; shared: Slowed[] } {
    return { own: [], shared: [{ what: `sign-up\n${networkOf(ip)}`, free: 10 }] };
  }

  /**
   * Counts an attempt.
   *
   * @throws Problem `rate_limited` with the time to wait; then it is not counted.
   */
  async begin({ own, shared }: { own: Slowed[]; shared: Slowed[] }): Promise<Attempt> {
    const rows = [...own, ...shared].map(({ what, free }) => ({ hash: this.hash(what), free }));
    // In one order everywhere, so that two attempts at once cannot wait for each other.
    rows.sort((one, other) => Buffer.compare(one.hash, other.hash));
    await this.database.transaction(async () => {
      for (const row of rows) await this.count(row.hash, row.free);
    });
    return { own: own.map(({ what }) => this.hash(what)), shared: shared.map(({ what }) => this.hash(what)) };
  }

  /** It was no vain attempt. */
  async succeed({ own, shared }: Attempt): Promise<void> {
    await this.database.query('delete from sign_in_attempts where hash = any($1)', [own]);
    await this.database.query(
      'update sign_in_attempts set attempts = greatest(attempts - 1, 0), blocked_until = $2 where hash = any($1)',
      [shared, new Date(this.clock.now())],
    );
    await this.database.query(
      `delete from sign_in_attempts where hash in (
         select hash from sign_in_attempts where forgotten_at < $1 order by forgotten_at limit 100
            for update skip locked)`,
      [new Date(this.clock.now())],
    );
  }

  private async count(hash: Buffer, free: number): Promise<void> {
    const now = new Date(this.clock.now());
    const forgotten = new Date(now.getTime() + FORGOTTEN_MS);
    const counted = await this.database.query(COUNT, [hash, free, now, forgotten, LONGEST_DELAY_SECONDS]);
    if (counted.length > 0) return;
    const [row] = await this.database.query<{ until: Date }>(
      'select blocked_until as until from sign_in_attempts where hash = $1',
      [hash],
    );
    const seconds = Math.ceil(((row?.until ?? now).getTime() - now.getTime()) / 1000);
    throw new Problem('rate_limited', 'Too many attempts; wait before you try again', {
      headers: { 'retry-after': String(Math.min(Math.max(seconds, 1), LONGEST_DELAY_SECONDS)) },
    });
  }

  private hash(what: string): Buffer {
    return hashOf(this.hasher, 'attempt', what);
  }
}

/** One more attempt, unless it is blocked: then no row comes back. */
const COUNT = `
  insert into sign_in_attempts as a (hash, attempts, blocked_until, forgotten_at)
  values ($1, 1, $3::timestamptz, $4::timestamptz)
  on conflict (hash) do update set
    attempts = case when a.forgotten_at <= $3 then 1 else a.attempts + 1 end,
    blocked_until = case
      when a.forgotten_at <= $3 or a.attempts + 1 < $2::int then $3
      else $3 + least(power(2, least(a.attempts + 1 - $2::int, 30)), $5::int) * interval '1 second' end,
    forgotten_at = $4
  where a.blocked_until <= $3 or a.forgotten_at <= $3
  returning a.hash`;

/** Whoever has one IPv6 address has all of its /64. */
function networkOf(ip: string): string {
  return (ip.includes(':') ? parseCidr(`${ip}/64`) : null) ?? ip;
}
