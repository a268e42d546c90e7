import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Problem } from '../../platform/errors/problem.js';
import type { Browser } from '../sessions/browser.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { FactorsService } from './factors.service.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import type { RecoveryCodesDto } from './second-factors.dto.js';

/** What adding or removing any second factor entails: all other sessions end, and this one gets a new value. */
@Injectable()
export class Enrolments {
  constructor(
    private readonly factors: FactorsService,
    private readonly codes: RecoveryCodes,
    private readonly sessions: SessionsService,
  ) {}

  /** @returns recovery codes, with the first factor; null: those of before are still good. */
  async added(
    caller: Principal,
    method: 'totp' | 'passkey',
    browser: Browser,
    event: AuditDraft,
  ): Promise<string[] | null> {
    await this.tell(caller, method, browser, event);
    const { recoveryCodesLeft } = await this.factors.of(caller.id);
    return recoveryCodesLeft > 0 ? null : this.codes.make(caller.id);
  }

  /** Without any factor there is nothing to recover. */
  async removed(
    caller: Principal,
    method: 'totp' | 'passkey',
    browser: Browser,
    event: AuditDraft,
  ): Promise<void> {
    await this.tell(caller, method, browser, event);
    const { totp, passkeys } = await this.factors.of(caller.id);
    if (!totp && passkeys === 0) await this.codes.forget(caller.id);
  }

  /** @throws Problem `conflict` when there is no factor that could be lost. */
  async renewCodes(caller: Principal, event: AuditDraft): Promise<RecoveryCodesDto> {
    event.target = { type: 'user', id: caller.id, name: caller.name };
    const { totp, passkeys } = await this.factors.of(caller.id);
    if (!totp && passkeys === 0) throw new Problem('conflict', 'There is no second factor to recover');
    return { recovery_codes: await this.codes.make(caller.id) };
  }

  private async tell(caller: Principal, method: string, browser: Browser, event: AuditDraft): Promise<void> {
    event.target ??= { type: 'user', id: caller.id, name: caller.name };
    event.details = { ...event.details, method };
    // Nothing was proven anew: by adding and removing by turns nobody stays confirmed for ever.
    const session = await this.sessions.renew(caller, browser, false);
    await this.sessions.endAll(caller.id, 'account_changed', session.id);
  }
}
