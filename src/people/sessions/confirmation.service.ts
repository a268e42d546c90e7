import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isPassword } from '../../platform/passwords/password-hasher.js';
import { User } from '../accounts/user.entity.js';
import { FactorsService, oneOf } from '../second-factors/factors.service.js';
import { AttemptsService } from './attempts.service.js';
import type { Browser } from './browser.js';
import { SessionsService } from './sessions.service.js';
import { sessionOf } from './signed-in.js';
import type { ConfirmDto, ConfirmedDto } from './sign-in.dto.js';

/** A person who is signed in proves again who they are. */
@Injectable()
export class ConfirmationService {
  constructor(
    private readonly database: Database,
    private readonly attempts: AttemptsService,
    private readonly sessions: SessionsService,
    private readonly factors: FactorsService,
  ) {}

  /** For ten minutes; the session gets a new value. */
  async confirm(
    caller: Principal,
    body: ConfirmDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<ConfirmedDto> {
    oneOf({ ...body }, ['password', 'code', 'passkey']);
    const { password, ...proof } = body;
    if (password !== undefined) {
      await this.prove(caller, password, event);
    }
    const attempt = password === undefined ? await this.attempt(caller, event) : null;
    return event.commit(async () => {
      if (attempt !== null) {
        if (!(await this.factors.accept(caller.id, proof, browser))) {
          throw wrongProof(event, proof.code === undefined ? 'passkey' : 'code');
        }
        await this.attempts.succeed(attempt);
      }
      const session = await this.sessions.renew(caller, browser, true);
      return { sudo_until: session.sudoUntil!.toISOString() };
    });
  }

  /**
   * @param field that holds the password.
   * @throws Problem `forbidden`, naming the field, when it is not the caller's password.
   */
  async prove(
    caller: Principal,
    password: string,
    event: AuditDraft,
    field: 'password' | 'current_password' = 'password',
  ): Promise<void> {
    const attempt = await this.attempt(caller, event);
    const user = await this.database.rows(User).findOneByOrFail({ id: caller.id });
    if (!(await isPassword(password, user.passwordHash))) throw wrongProof(event, field);
    await this.attempts.succeed(attempt);
  }

  private attempt(caller: Principal, event: AuditDraft): ReturnType<AttemptsService['begin']> {
    event.target = { type: 'user', id: caller.id, name: caller.name };
    return this.attempts.begin({
      own: [{ what: `confirm\n${sessionOf(caller).sessionId}`, free: 5 }],
      shared: [],
    });
  }
}

const REASONS = {
  password: 'wrong_password',
  current_password: 'wrong_password',
  code: 'wrong_code',
  passkey: 'wrong_passkey',
};

/** What was sent to prove who it is proves nothing. */
export function wrongProof(event: AuditDraft, field: keyof typeof REASONS): Problem {
  event.reason = REASONS[field];
  return new Problem('forbidden', 'This does not prove that it is you', {
    requiredScopes: [],
    details: [{ field, message: 'is wrong' }],
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' },
  });
}
