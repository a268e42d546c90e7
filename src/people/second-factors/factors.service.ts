import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { unseal } from '../../platform/secrets/sealed.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { OneTimeLinks } from '../links/one-time-links.js';
import type { Browser } from '../sessions/browser.js';
import { credentialIdIn, readAssertion } from './ceremony.js';
import { Passkey } from './passkey.entity.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { RelyingParty } from './relying-party.js';
import { totpStep } from './totp.js';

/** How a person can prove who they are besides the password. */
export const SECOND_FACTORS = ['totp', 'passkey', 'recovery_code'] as const;
export type SecondFactor = (typeof SECOND_FACTORS)[number];

/** What was sent to prove it: one of these. */
export interface Proof {
  code?: string | undefined;
  recovery_code?: string | undefined;
  passkey?: Record<string, unknown> | undefined;
}

/** What of second factors an account has. */
export interface Factors {
  totp: boolean;
  passkeys: number;
  recoveryCodesLeft: number;
}

const FACTORS = `
  select exists (select from totp_secrets where user_id = $1 and confirmed_at is not null) as totp,
         (select count(*)::int from passkeys where user_id = $1) as passkeys,
         (select count(*)::int from recovery_codes where user_id = $1 and used_at is null) as "recoveryCodesLeft"`;

/** Judges second factors; each proof is used up by being right. */
@Injectable()
export class FactorsService {
  constructor(
    private readonly database: Database,
    private readonly links: OneTimeLinks,
    private readonly codes: RecoveryCodes,
    private readonly relyingParty: RelyingParty,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  async of(userId: string): Promise<Factors> {
    const [row] = await this.database.query<Factors>(FACTORS, [userId]);
    return row!;
  }

  /** What the account can be asked for; empty: nothing but the password. */
  async methodsOf(userId: string): Promise<SecondFactor[]> {
    const { totp, passkeys, recoveryCodesLeft } = await this.of(userId);
    if (!totp && passkeys === 0) return [];
    const has: Record<SecondFactor, boolean> = {
      totp,
      passkey: passkeys > 0,
      recovery_code: recoveryCodesLeft > 0,
    };
    return SECOND_FACTORS.filter((each) => has[each]);
  }

  /**
   * Whether the proof is right; within the transaction of what it is for, since it is used up by that.
   */
  async accept(userId: string, proof: Proof, browser: Browser): Promise<boolean> {
    if (proof.code !== undefined) return this.acceptCode(userId, proof.code);
    if (proof.recovery_code !== undefined) return this.codes.use(userId, proof.recovery_code);
    if (proof.passkey !== undefined) return this.acceptPasskey(userId, proof.passkey, browser);
    return false;
  }

  /** Whose passkey it claims to be; null: nobody's. */
  async ownerOf(answer: Record<string, unknown>): Promise<string | null> {
    const credentialId = credentialIdIn(answer);
    if (credentialId === null) return null;
    const row = await this.database.rows(Passkey).findOneBy({ credentialId });
    return row?.userId ?? null;
  }

  private async acceptCode(userId: string, code: string): Promise<boolean> {
    const [row] = await this.database.query<{ sealed: Buffer }>(
      'select sealed from totp_secrets where user_id = $1 and confirmed_at is not null for update',
      [userId],
    );
    if (row === undefined) return false;
    const step = totpStep(unseal(this.hasher.totpKey, userId, row.sealed), code, this.clock.now());
    if (step === null) return false;
    const taken = await this.database.query(
      `update totp_secrets set last_step = $2
        where user_id = $1 and (last_step is null or last_step < $2) returning user_id`,
      [userId, step],
    );
    return taken.length === 1;
  }

  private async acceptPasskey(
    userId: string,
    answer: Record<string, unknown>,
    browser: Browser,
  ): Promise<boolean> {
    const credentialId = credentialIdIn(answer);
    const site = this.relyingParty.siteOf(browser);
    if (credentialId === null || site === null) return false;
    const row = await this.database
      .rows(Passkey)
      .findOne({ where: { credentialId, userId }, lock: { mode: 'pessimistic_write' } });
    if (row === null) return false;
    const used = await readAssertion(
      answer,
      { id: row.credentialId, publicKey: new Uint8Array(row.publicKey), counter: Number(row.counter) },
      site,
    );
    if (used === null || !(await this.links.isUsedNow('passkey', used.challenge))) return false;
    const change = {
      counter: String(used.counter),
      backedUp: used.backedUp,
      lastUsedAt: new Date(this.clock.now()),
    };
    await this.database.rows(Passkey).update({ id: row.id, userId }, change);
    return true;
  }
}

/**
 * The one thing that was sent.
 *
 * @throws Problem `invalid_request` when it is none, or more than one.
 */
export function oneOf(sent: Record<string, unknown>, names: readonly string[]): void {
  const given = names.filter((name) => sent[name] !== undefined);
  if (given.length === 1) return;
  if (given.length === 0)
    throw Problem.invalid([{ field: '', message: `must have one of ${names.join(', ')}` }]);
  throw Problem.invalid(given.map((field) => ({ field, message: `only one of ${names.join(', ')}` })));
}
