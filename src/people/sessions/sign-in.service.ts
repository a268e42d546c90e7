import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isPassword } from '../../platform/passwords/password-hasher.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { plainEmail } from '../accounts/account-fields.js';
import { PeopleService, tellWho, type Person } from '../accounts/people.service.js';
import { User } from '../accounts/user.entity.js';
import { AttemptsService } from './attempts.service.js';
import type { Browser } from './browser.js';
import { deviceOf, newDevice } from './device.js';
import { SessionsService } from './sessions.service.js';
import { sessionOf } from './signed-in.js';
import type { ConfirmDto, ConfirmedDto, CurrentSessionDto, SignInAnswer, SignInDto } from './sign-in.dto.js';

/** Turns a password into a session. */
@Injectable()
export class SignInService {
  constructor(
    private readonly people: PeopleService,
    private readonly attempts: AttemptsService,
    private readonly sessions: SessionsService,
    private readonly database: Database,
    private readonly hasher: SecretHasher,
  ) {}

  /** @throws Problem `unauthorized`, the same and after the same time whether the account exists or not. */
  async signIn(body: SignInDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    const person = await this.people.byEmail(body.email);
    if (person !== null) tellWho(event, person);
    const email = plainEmail(body.email);
    const device = person === null ? null : deviceOf(this.hasher, person.id, browser.device);
    const attempt = await this.attempts.begin(this.attempts.ofSignIn(email, browser.ip, device));
    const isRight = await isPassword(body.password, person?.passwordHash ?? null);
    if (person === null || !isRight) {
      event.reason = person === null ? 'unknown_user' : 'wrong_password';
      throw wrongPassword();
    }
    return event.commit(async () => {
      await this.attempts.succeed(attempt);
      return this.enter(person, browser, event);
    });
  }

  /**
   * Signs a person in who has proven who they are; within the transaction of its event.
   *
   * @throws Problem `unauthorized` when they belong to no workspace (any more).
   */
  async enter(person: Person, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    if (person.workspaceId === null) {
      event.reason = 'no_workspace';
      throw wrongPassword();
    }
    const session = await this.sessions.begin(person.id, browser, false);
    browser.keepDevice(newDevice(this.hasher, person.id));
    event.details = { ...event.details, session: session.id };
    return {
      status: 'signed_in',
      user: { id: person.id, email: person.email, name: person.name },
      workspaces: await this.people.placesOf(person.id),
      methods: [],
      ticket: null,
    };
  }

  async read(caller: Principal): Promise<CurrentSessionDto> {
    const { sessionId, email, role, sudoUntil } = sessionOf(caller);
    const { id, name, slug } = caller.workspace;
    // Where they begin next time; asked for by the dashboard whenever it goes to another workspace.
    await this.database.query(
      'update users set last_workspace_id = $2 where id = $1 and last_workspace_id is distinct from $2',
      [caller.id, id],
    );
    return {
      id: sessionId,
      user: { id: caller.id, email, name: caller.name },
      workspace: { id, name, slug, role },
      role,
      environment: caller.environment,
      workspaces: await this.people.placesOf(caller.id),
      sudo_until: sudoUntil === null ? null : new Date(sudoUntil).toISOString(),
      expires_at: new Date(caller.expiresAt!).toISOString(),
    };
  }

  /** The caller confirms that it is they; the session gets a new value. */
  async confirm(
    caller: Principal,
    body: ConfirmDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<ConfirmedDto> {
    await this.prove(caller, body.password, event);
    const session = await event.commit(() => this.sessions.renew(caller, browser, true));
    return { sudo_until: session.sudoUntil!.toISOString() };
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
    event.target = { type: 'user', id: caller.id, name: caller.name };
    const attempt = await this.attempts.begin({
      own: [{ what: `confirm\n${caller.id}`, free: 5 }],
      shared: [],
    });
    const user = await this.database.rows(User).findOneByOrFail({ id: caller.id });
    if (!(await isPassword(password, user.passwordHash))) {
      event.reason = 'wrong_password';
      throw new Problem('forbidden', 'The password is wrong', {
        requiredScopes: [],
        details: [{ field, message: 'is wrong' }],
        headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' },
      });
    }
    await this.attempts.succeed(attempt);
  }
}

/** The same whatever is wrong with an attempt to sign in. */
export function wrongPassword(): Problem {
  return new Problem('unauthorized', 'The e-mail address or the password is wrong', {
    headers: { 'www-authenticate': 'Bearer realm="tooken"' },
  });
}
