import { randomBytes, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Realm } from '../issuers.js';
import { IssuedJwt } from './issued-jwt.entity.js';
import { StatusList } from './status-list.entity.js';

/** How many places a list has. More hide a JWT among more others; fewer are read, and computed, faster. */
export const LIST_SIZE = 32_768;
/** A list where so many random places are taken in a row is about half full: time for the next one. */
const TRIES = 4;
/** How long a JWT that is over keeps its place: a verifier's clock may be late. */
const REST_MS = 600_000;
/** How many that are over each new one clears away. */
const SWEEP = 20;

/** What is kept of a new JWT. */
export type NewJwt = Realm & Pick<IssuedJwt, 'jti' | 'tokenId' | 'secretHash' | 'scopes' | 'expiresAt'>;

/** The JWTs that were issued: where their bit is, and whether they were revoked. */
@Injectable()
export class IssuedJwts {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Gives a new JWT a random place in a list of its realm: neighbours in a list tell nothing of each other. */
  async add(jwt: NewJwt): Promise<Pick<IssuedJwt, 'listId' | 'idx'>> {
    await this.sweep();
    const known = await this.newestList(jwt);
    const place = known === null ? null : await this.place(jwt, known);
    if (place !== null) return place;
    const fresh = await this.place(jwt, await this.newList(jwt));
    if (fresh === null) throw new Error('an empty status list has no room');
    return fresh;
  }

  /** A JWT of this realm that is not long over, or null. */
  find({ workspaceId, environment }: Realm, jti: string): Promise<IssuedJwt | null> {
    return this.database.rows(IssuedJwt).findOneBy({ jti, workspaceId, environment });
  }

  /** @returns whether it was not revoked before. */
  async revoke({ workspaceId, environment }: Realm, jti: string): Promise<boolean> {
    const rows = await this.database.query(
      `update oauth_issued_jwts set revoked_at = $1
        where jti = $2 and workspace_id = $3 and environment = $4 and revoked_at is null returning jti`,
      [new Date(this.clock.now()), jti, workspaceId, environment],
    );
    return rows.length > 0;
  }

  private async place(jwt: NewJwt, listId: string): Promise<Pick<IssuedJwt, 'listId' | 'idx'> | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const idx = randomInt(LIST_SIZE);
      const row = Object.assign(new IssuedJwt(), jwt, { listId, idx, revokedAt: null });
      if (await this.database.insertIfFree(IssuedJwt, [row])) return { listId, idx };
    }
    return null;
  }

  private async newestList({ workspaceId, environment }: Realm): Promise<string | null> {
    const [list] = await this.database.rows(StatusList).find({
      where: { workspaceId, environment },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: 1,
    });
    return list?.id ?? null;
  }

  private async newList({ workspaceId, environment }: Realm): Promise<string> {
    const id = randomBytes(16).toString('hex');
    const createdAt = new Date(this.clock.now());
    await this.database.rows(StatusList).insert({ id, workspaceId, environment, createdAt });
    return id;
  }

  /** There is no job for it: who makes a place frees some. */
  private async sweep(): Promise<void> {
    await this.database.query(
      `delete from oauth_issued_jwts where jti in (
         select jti from oauth_issued_jwts where expires_at < $1 order by expires_at limit $2 for update skip locked)`,
      [new Date(this.clock.now() - REST_MS), SWEEP],
    );
  }
}
