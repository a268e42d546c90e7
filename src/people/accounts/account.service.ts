import { Injectable } from '@nestjs/common';
import { changesBetween, type AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Database } from '../../platform/database/database.js';
import { hashPassword } from '../../platform/passwords/password-hasher.js';
import { linkIsOver, OneTimeLinks } from '../links/one-time-links.js';
import type { Browser } from '../sessions/browser.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { ConfirmationService } from '../sessions/confirmation.service.js';
import { sessionOf } from '../sessions/signed-in.js';
import { FactorsService } from '../second-factors/factors.service.js';
import type { AccountDto, ChangePasswordDto, ResetPasswordDto, UpdateAccountDto } from './account.dto.js';
import { PeopleService, tellWho } from './people.service.js';
import type { PersonDto } from './person.dto.js';
import { User } from './user.entity.js';

/** What a person does to their own account. */
@Injectable()
export class AccountService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly sessions: SessionsService,
    private readonly confirmations: ConfirmationService,
    private readonly factors: FactorsService,
    private readonly links: OneTimeLinks,
  ) {}

  async read(caller: Principal): Promise<AccountDto> {
    const { totp, passkeys, recoveryCodesLeft } = await this.factors.of(caller.id);
    const { email } = sessionOf(caller);
    return {
      id: caller.id,
      email,
      name: caller.name,
      totp,
      passkeys,
      recovery_codes_left: recoveryCodesLeft,
    };
  }

  async update(caller: Principal, body: UpdateAccountDto, event: AuditDraft): Promise<PersonDto> {
    event.target = { type: 'user', id: caller.id, name: caller.name };
    const before = await this.database
      .rows(User)
      .findOneOrFail({ where: { id: caller.id }, lock: { mode: 'for_no_key_update' } });
    await this.database.rows(User).update({ id: caller.id }, { name: body.name });
    // What it was and is now is personal: only that it changed is kept for ever.
    event.details = { changed: changesBetween(before, { ...before, name: body.name }, ['name']) !== null };
    return { id: before.id, email: before.email, name: body.name };
  }

  /** Ends every session; that of the caller goes on with a new value. */
  async changePassword(
    caller: Principal,
    body: ChangePasswordDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<void> {
    await this.confirmations.prove(caller, body.current_password, event, 'current_password');
    const passwordHash = await hashPassword(body.new_password);
    await event.commit(async () => {
      await this.people.setPassword(caller.id, passwordHash);
      const session = await this.sessions.renew(caller, browser, true);
      await this.sessions.endAll(caller.id, 'account_changed', session.id);
    });
  }

  /** Ends every session; who has forgotten the password then signs in with the new one, and the second factor. */
  async resetPassword(body: ResetPasswordDto, event: AuditDraft): Promise<void> {
    const userId = await this.links.read('password_reset', body.token);
    const person = userId === null ? null : await this.people.byId(userId);
    if (person === null) throw linkIsOver();
    tellWho(event, person);
    const passwordHash = await hashPassword(body.new_password);
    await event.commit(async () => {
      await this.links.use('password_reset', body.token);
      await this.people.setPassword(person.id, passwordHash);
      await this.sessions.endAll(person.id, 'account_changed');
    });
  }
}
