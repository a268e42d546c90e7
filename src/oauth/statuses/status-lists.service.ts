import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import type { CredentialFacts } from '../../credentials/credential-facts.js';
import { CredentialsByHash } from '../../credentials/credentials-by-hash.js';
import { Clock } from '../../platform/clock.js';
import { Batcher } from '../../platform/database/batcher.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { verdict } from '../../verification/verdict.js';
import { Issuers } from '../issuers.js';
import { KeyRing } from '../keys/key-ring.js';
import { bitString } from './bit-string.js';
import { LIST_SIZE } from './issued-jwts.js';
import { StatusList } from './status-list.entity.js';

/** How long a verifier may go on with a list it has read: the `ttl`, in seconds. */
export const LIST_TTL_SECONDS = 30;
/** After which no verifier may use a list any more: the time within which every revocation is known, in seconds. */
export const LIST_LIFE_SECONDS = 60;

/** Media type of a status list (§8.1 of the draft). */
export const STATUS_LIST_TYPE = 'application/statuslist+jwt';

/** The JWTs of one list that were made from the same value with the same scopes. */
interface Group {
  hash: string;
  scopes: string[];
  indices: number[];
  revoked: number[];
}

/** Says of the JWTs of a list which of them have ended before their time (draft-ietf-oauth-status-list). */
@Injectable()
export class StatusListsService {
  /** Anybody may ask, and a list is work: an instance computes one at a time, for all who wait for it. */
  private readonly batcher = new Batcher<string, string | null>((ids) => this.make(ids), {
    maxBatch: 1_024,
    maxWaiting: 1_024,
  });

  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialsByHash,
    private readonly keys: KeyRing,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
  ) {}

  /**
   * The list as a signed JWT of type `statuslist+jwt`, read off the tokens at this moment.
   *
   * @throws Problem `not_found`; `unavailable`.
   */
  async read(id: string): Promise<string> {
    const list = await this.batcher.submit(id);
    if (list === null) throw Problem.notFound();
    return list;
  }

  private async make(ids: readonly string[]): Promise<(string | null)[]> {
    const made = new Map<string, string | null>();
    for (const id of new Set(ids)) made.set(id, await this.makeOne(id));
    return ids.map((id) => made.get(id) ?? null);
  }

  private async makeOne(id: string): Promise<string | null> {
    const list = await this.database.rows(StatusList).findOneBy({ id });
    if (list === null) return null;
    const lst = bitString(LIST_SIZE, await this.ended(id));
    const { kid, key } = await this.keys.signer();
    const iat = Math.floor(this.clock.now() / 1000);
    return new SignJWT({ ttl: LIST_TTL_SECONDS, status_list: { bits: 1, lst } })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'statuslist+jwt' })
      .setIssuer(this.issuers.of(list))
      .setSubject(this.issuers.statusList(id))
      .setIssuedAt(iat)
      .setExpirationTime(iat + LIST_LIFE_SECONDS)
      .sign(key);
  }

  private async ended(id: string): Promise<number[]> {
    const now = this.clock.now();
    const groups = await this.database.query<Group>(
      `select encode(secret_hash, 'hex') as hash, scopes,
              coalesce(array_agg(idx) filter (where revoked_at is null), '{}') as indices,
              coalesce(array_agg(idx) filter (where revoked_at is not null), '{}') as revoked
         from oauth_issued_jwts where list_id = $1 and expires_at > $2 group by secret_hash, scopes`,
      [id, new Date(now)],
    );
    const found = await this.credentials.find([...new Set(groups.map(({ hash }) => hash))]);
    return groups.flatMap(({ hash, scopes, indices, revoked }) =>
      stillHolds(found.get(hash), scopes, now) ? revoked : [...indices, ...revoked],
    );
  }
}

/** Whether what was made from a value still holds: as long as the value would be given the same scopes. Pure. */
export function stillHolds(
  credential: CredentialFacts | undefined,
  scopes: readonly string[],
  now: number,
): boolean {
  if (credential?.kind !== 'token') return false;
  return verdict(credential.chain, { scopes, clientIp: null }, credential, now).code === 'valid';
}
