import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { hashOf } from '../links/person-secret.js';
import { RecoveryCode } from './recovery-code.entity.js';

const COUNT = 10;
/** Crockford's base32: nothing that could be read as something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten codes, each for one use: for who has lost the phone. */
@Injectable()
export class RecoveryCodes {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** New ones; those of before are worth nothing any more. 50 bits each. */
  async make(userId: string): Promise<string[]> {
    await this.forget(userId);
    const codes = Array.from({ length: COUNT }, newCode);
    const createdAt = new Date(this.clock.now());
    await this.database
      .rows(RecoveryCode)
      .insert(codes.map((code) => ({ hash: this.hash(userId, code), userId, createdAt, usedAt: null })));
    return codes;
  }

  /** Uses one up: of two uses at once one succeeds. */
  async use(userId: string, code: string): Promise<boolean> {
    const { affected } = await this.database
      .rows(RecoveryCode)
      .update(
        { hash: this.hash(userId, code), userId, usedAt: IsNull() },
        { usedAt: new Date(this.clock.now()) },
      );
    return affected === 1;
  }

  async forget(userId: string): Promise<void> {
    await this.database.rows(RecoveryCode).delete({ userId });
  }

  left(userId: string): Promise<number> {
    return this.database.rows(RecoveryCode).countBy({ userId, usedAt: IsNull() });
  }

  /** However it is typed: in capitals, without the hyphen, with blanks. */
  private hash(userId: string, code: string): Buffer {
    return hashOf(this.hasher, 'recovery_code', `${userId}\n${code.toLowerCase().replace(/[\s-]/g, '')}`);
  }
}

function newCode(): string {
  const characters = Array.from({ length: 10 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return `${characters.slice(0, 5)}-${characters.slice(5)}`;
}
