import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { In } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { seal, unseal } from '../../platform/secrets/sealed.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { nextStart, published, signing } from './key-schedule.js';
import { SigningKey, type PublicJwk } from './signing-key.entity.js';

/** Any constant would do; it only has to be the same in every instance ("sign" in hex). */
const ROTATION_LOCK = 0x7369676e;

/** What a JWT is signed with. */
export interface Signer {
  kid: string;
  key: KeyObject;
}

/**
 * The keys that sign JWTs. They rotate by being used: whoever asks for them makes the next one when it is due, a day
 * before it signs. All instances find the same ones in the database, so none keeps any.
 */
@Injectable()
export class KeyRing {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** The key that signs now. */
  async signer(): Promise<Signer> {
    const now = this.clock.now();
    const row = signing(scheduled(await this.keys(now)), now)?.row;
    if (row === undefined)
      throw new Error('no signing key has begun: the clocks of two instances differ by much');
    const { kid, sealedKey } = row;
    const der = unseal(this.hasher.oauthKeysKey, kid, sealedKey);
    return { kid, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
  }

  /** What verifiers need: the public halves, also of keys that are still to sign or have signed what still holds. */
  async publicKeys(): Promise<PublicJwk[]> {
    const now = this.clock.now();
    return published(scheduled(await this.keys(now)), now).map(({ row }) => row.publicJwk);
  }

  private async keys(now: number): Promise<SigningKey[]> {
    const keys = await this.database.rows(SigningKey).find();
    return nextStart(scheduled(keys), now) === null ? keys : this.rotate(keys, now);
  }

  /**
   * One makes the next key; the others go on with the known ones, since it signs only tomorrow, or wait for the very
   * first. Keys that nobody needs any more go.
   */
  private rotate(known: SigningKey[], now: number): Promise<SigningKey[]> {
    return this.database.transaction(async () => {
      if (known.length === 0) await this.database.query('select pg_advisory_xact_lock($1)', [ROTATION_LOCK]);
      else {
        const lock = 'select pg_try_advisory_xact_lock($1) as held';
        const [row] = await this.database.query<{ held: boolean }>(lock, [ROTATION_LOCK]);
        if (row?.held !== true) return known;
      }
      const rows = this.database.rows(SigningKey);
      const keys = await rows.find();
      const start = nextStart(scheduled(keys), now);
      if (start === null) return keys;
      const next = await this.make(now, start);
      await rows.insert(next);
      const all = [...keys, next];
      const kept = published(scheduled(all), now).map(({ row }) => row);
      const gone = all.filter((key) => !kept.includes(key)).map(({ kid }) => kid);
      if (gone.length > 0) await rows.delete({ kid: In(gone) });
      return kept;
    });
  }

  private async make(now: number, start: number): Promise<SigningKey> {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = pair.publicKey.export({ format: 'jwk' }) as JWK & Pick<PublicJwk, 'x' | 'y'>;
    const kid = await calculateJwkThumbprint(jwk);
    const der = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    return Object.assign(new SigningKey(), {
      kid,
      publicJwk: { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid, alg: 'ES256', use: 'sig' } as const,
      sealedKey: seal(this.hasher.oauthKeysKey, kid, der),
      createdAt: new Date(now),
      activatesAt: new Date(start),
    });
  }
}

function scheduled(keys: readonly SigningKey[]): { activatesAt: number; row: SigningKey }[] {
  return keys.map((row) => ({ activatesAt: row.activatesAt.getTime(), row }));
}
