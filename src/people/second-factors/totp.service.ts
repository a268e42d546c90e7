import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { seal, unseal } from '../../platform/secrets/sealed.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { AttemptsService } from '../sessions/attempts.service.js';
import type { Browser } from '../sessions/browser.js';
import { wrongProof } from '../sessions/confirmation.service.js';
import { sessionOf } from '../sessions/signed-in.js';
import { Enrolments } from './enrolments.js';
import type { ConfirmTotpDto, RecoveryCodesDto, TotpOfferDto } from './second-factors.dto.js';
import { newTotpSecret, totpFor, totpStep } from './totp.js';

/** Authenticator apps (RFC 6238): offered, confirmed, removed. */
@Injectable()
export class TotpService {
  constructor(
    private readonly database: Database,
    private readonly enrolments: Enrolments,
    private readonly attempts: AttemptsService,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** A new secret in the place of one that was never confirmed. */
  async offer(caller: Principal, event: AuditDraft): Promise<TotpOfferDto> {
    event.target = { type: 'user', id: caller.id, name: caller.name };
    event.details = { method: 'totp' };
    const secret = newTotpSecret();
    const kept = await this.database.query(
      `insert into totp_secrets as t (user_id, sealed, created_at) values ($1, $2, $3)
         on conflict (user_id) do update set sealed = $2, created_at = $3, last_step = null
         where t.confirmed_at is null
         returning user_id`,
      [caller.id, seal(this.hasher.totpKey, caller.id, secret), new Date(this.clock.now())],
    );
    if (kept.length === 0) throw new Problem('conflict', 'There is an authenticator app; remove it first');
    return totpFor(secret, sessionOf(caller).email);
  }

  /** From now on it is asked for; the first code shows that the app counts as we do. */
  async confirm(
    caller: Principal,
    body: ConfirmTotpDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<RecoveryCodesDto> {
    const attempt = await this.attempts.begin({ own: [{ what: `totp\n${caller.id}`, free: 5 }], shared: [] });
    return event.commit(async () => {
      const step = await this.stepOf(caller, body.code);
      if (step === null) {
        throw wrongProof(event, 'code');
      }
      await this.attempts.succeed(attempt);
      await this.database.query(
        'update totp_secrets set confirmed_at = $2, last_step = $3 where user_id = $1 and confirmed_at is null',
        [caller.id, new Date(this.clock.now()), step],
      );
      return { recovery_codes: await this.enrolments.added(caller, 'totp', browser, event) };
    });
  }

  async remove(caller: Principal, browser: Browser, event: AuditDraft): Promise<void> {
    const removed = await this.database.query(
      'delete from totp_secrets where user_id = $1 and confirmed_at is not null returning user_id',
      [caller.id],
    );
    if (removed.length === 0) throw Problem.notFound();
    await this.enrolments.removed(caller, 'totp', browser, event);
  }

  private async stepOf(caller: Principal, code: string): Promise<number | null> {
    const [row] = await this.database.query<{ sealed: Buffer }>(
      'select sealed from totp_secrets where user_id = $1 and confirmed_at is null for update',
      [caller.id],
    );
    if (row === undefined) throw new Problem('conflict', 'No authenticator app waits for its first code');
    return totpStep(unseal(this.hasher.totpKey, caller.id, row.sealed), code, this.clock.now());
  }
}
