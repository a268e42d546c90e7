import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { OneTimeSecret, type Purpose } from './one-time-secret.entity.js';
import { hashOf, newSecret } from './person-secret.js';

/** How long a link of the command line is good. */
export const LINK_MS = 30 * 60_000;

/** Links for one use: to make the first owner, to set a new password. */
@Injectable()
export class OneTimeLinks {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /**
   * @param lifeMs how long it is good.
   * @returns the secret of the link, known from now on only to whom it is shown.
   */
  async make(purpose: Purpose, userId: string | null, lifeMs = LINK_MS): Promise<string> {
    const now = this.clock.now();
    const value = newSecret();
    await this.forgetOld(now);
    await this.database.rows(OneTimeSecret).insert({
      hash: hashOf(this.hasher, purpose, value),
      purpose,
      userId,
      createdAt: new Date(now),
      expiresAt: new Date(now + lifeMs),
      usedAt: null,
    });
    return value;
  }

  /** Whom a secret that is still good is for; null: nobody, or it is good no more. */
  async find(purpose: Purpose, value: string): Promise<string | null> {
    const [row] = await this.rows(purpose, value);
    return row?.user_id ?? null;
  }

  /**
   * Whom a link that is still good is for.
   *
   * @throws Problem `not_found` when it is unknown, used or expired.
   */
  async read(purpose: Purpose, value: string): Promise<string | null> {
    const [row] = await this.rows(purpose, value);
    if (row === undefined) throw linkIsOver();
    return row.user_id;
  }

  private rows(purpose: Purpose, value: string): Promise<{ user_id: string | null }[]> {
    return this.database.query(
      'select user_id from one_time_secrets where hash = $1 and purpose = $2 and used_at is null and expires_at > $3',
      [hashOf(this.hasher, purpose, value), purpose, new Date(this.clock.now())],
    );
  }

  /**
   * Uses a link up: of two uses at once one succeeds.
   *
   * @throws Problem `not_found` when it is unknown, used or expired.
   */
  async use(purpose: Purpose, value: string): Promise<string | null> {
    const row = await this.end(purpose, value);
    if (row === undefined) throw linkIsOver();
    return row.user_id;
  }

  /** Uses a challenge up, and says whether it was good, and for this person. */
  async isUsedNow(purpose: Purpose, value: string, userId: string | null = null): Promise<boolean> {
    const row = await this.end(purpose, value);
    return row?.user_id === userId;
  }

  private async end(purpose: Purpose, value: string): Promise<{ user_id: string | null } | undefined> {
    const [row] = await this.database.query<{ user_id: string | null }>(
      `update one_time_secrets set used_at = $3
        where hash = $1 and purpose = $2 and used_at is null and expires_at > $3 returning user_id`,
      [hashOf(this.hasher, purpose, value), purpose, new Date(this.clock.now())],
    );
    return row;
  }

  private async forgetOld(now: number): Promise<void> {
    await this.database.query(
      `delete from one_time_secrets where hash in (
         select hash from one_time_secrets where expires_at < $1 order by expires_at limit 100 for update skip locked)`,
      [new Date(now - LINK_MS)],
    );
  }
}

/** The same for a link that is unknown, used up, taken back or too old. */
export function linkIsOver(): Problem {
  return new Problem('not_found', 'This link is unknown, used or expired; ask for a new one');
}
