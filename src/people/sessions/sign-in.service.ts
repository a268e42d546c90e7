import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isPassword } from '../../platform/passwords/password-hasher.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { plainEmail } from '../accounts/account-fields.js';
import { PeopleService, tellWho, type Person } from '../accounts/people.service.js';
import { OneTimeLinks } from '../links/one-time-links.js';
import { FactorsService, oneOf } from '../second-factors/factors.service.js';
import { AttemptsService, type Slowed } from './attempts.service.js';
import type { Browser } from './browser.js';
import { deviceOf, newDevice } from './device.js';
import { SessionsService } from './sessions.service.js';
import { sessionOf } from './signed-in.js';
import type {
  CurrentSessionDto,
  PasskeySignInDto,
  SecondFactorDto,
  SignInAnswer,
  SignInDto,
} from './sign-in.dto.js';

/** How long a person may look for their second factor. */
const TICKET_MS = 5 * 60_000;

/** Turns a password into a session. */
@Injectable()
export class SignInService {
  constructor(
    private readonly people: PeopleService,
    private readonly attempts: AttemptsService,
    private readonly sessions: SessionsService,
    private readonly factors: FactorsService,
    private readonly links: OneTimeLinks,
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
      const answer = await this.enter(person, browser, event);
      if (answer.ticket !== null) {
        // The password was right, and yet nobody is signed in.
        event.outcome = 'denied';
        event.reason = 'second_factor_required';
      }
      return answer;
    });
  }

  /** @throws Problem `unauthorized` when the ticket is over or the proof is wrong. */
  async finish(body: SecondFactorDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    const { ticket, ...proof } = body;
    oneOf(proof, ['code', 'recovery_code', 'passkey']);
    const userId = await this.links.find('second_factor', ticket);
    const person = userId === null ? null : await this.people.byId(userId);
    if (person === null) {
      event.reason = 'unknown_ticket';
      throw wrongPassword('The sign-in took too long; begin again');
    }
    tellWho(event, person);
    const attempt = await this.attempts.begin(this.secondAttempt(person, browser));
    return event.commit(async () => {
      const isRight = await this.factors.accept(person.id, proof, browser);
      if (!isRight || !(await this.links.isUsedNow('second_factor', ticket, person.id))) {
        event.reason = proof.passkey === undefined ? 'wrong_code' : 'wrong_passkey';
        throw wrongPassword('The second factor is wrong');
      }
      await this.attempts.succeed(attempt);
      return this.enter(person, browser, event, true);
    });
  }

  /** With a passkey alone, by which the device knows whose it is. */
  async signInByPasskey(body: PasskeySignInDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    const { passkey } = body;
    const userId = await this.factors.ownerOf(passkey);
    const person = userId === null ? null : await this.people.byId(userId);
    if (person !== null) tellWho(event, person);
    return event.commit(async () => {
      if (person === null || !(await this.factors.accept(person.id, { passkey }, browser))) {
        event.reason = 'wrong_passkey';
        throw wrongPassword('The passkey is not known here');
      }
      return this.enter(person, browser, event, true);
    });
  }

  /**
   * Signs a person in who has proven who they are, or asks for their second factor; within the transaction of its
   * event.
   *
   * @param isProven whether by more than the password.
   * @throws Problem `unauthorized` when they belong to no workspace (any more).
   */
  async enter(person: Person, browser: Browser, event: AuditDraft, isProven = false): Promise<SignInAnswer> {
    if (person.workspaceId === null) {
      event.reason = 'no_workspace';
      throw wrongPassword();
    }
    const methods = isProven ? [] : await this.factors.methodsOf(person.id);
    if (methods.length > 0) {
      event.details = { ...event.details, second_factor: 'required' };
      const ticket = await this.links.make('second_factor', person.id, TICKET_MS);
      return { status: 'second_factor_required', user: null, workspaces: [], methods, ticket };
    }
    const session = await this.sessions.begin(person.id, browser, isProven);
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

  /** Whoever gets here knows the password: the account itself is slowed down, but for its own browsers. */
  private secondAttempt(person: Person, browser: Browser): { own: Slowed[]; shared: Slowed[] } {
    const device = deviceOf(this.hasher, person.id, browser.device);
    return { own: [{ what: `second factor\n${person.id}\n${device ?? ''}`, free: 5 }], shared: [] };
  }
}

/** The same whatever is wrong with an attempt to sign in. */
export function wrongPassword(message = 'The e-mail address or the password is wrong'): Problem {
  return new Problem('unauthorized', message, {
    headers: { 'www-authenticate': 'Bearer realm="tooken"' },
  });
}
