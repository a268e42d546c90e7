import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Role } from '../../credentials/role.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { hashPassword, isPassword } from '../../platform/passwords/password-hasher.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { PeopleService, tellWho, type Person } from '../accounts/people.service.js';
import { linkIsOver } from '../links/one-time-links.js';
import { hashOf } from '../links/person-secret.js';
import { AttemptsService } from '../sessions/attempts.service.js';
import type { Browser } from '../sessions/browser.js';
import type { SignInAnswer } from '../sessions/sign-in.dto.js';
import { SignInService, wrongPassword } from '../sessions/sign-in.service.js';
import type { AcceptInvitationDto, InvitedDto } from './invitations.dto.js';

interface OpenInvitation {
  id: string;
  workspace_id: string;
  workspace: string;
  email: string;
  role: Role;
  expires_at: Date;
}

/** Invitations as those see them who have the link. */
@Injectable()
export class AcceptanceService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly attempts: AttemptsService,
    private readonly signIns: SignInService,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  async read(token: string, event: AuditDraft): Promise<InvitedDto> {
    const { workspace, email, role, expires_at } = await this.find(token, event);
    const person = await this.people.byEmail(email);
    return { workspace, email, role, has_account: person !== null, expires_at: expires_at.toISOString() };
  }

  /** Lets the invited person in, with a new account or with the one they have, and signs them in. */
  async accept(body: AcceptInvitationDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    const invitation = await this.find(body.token, event);
    const known = await this.people.byEmail(invitation.email);
    return known === null
      ? this.acceptAnew(invitation, body, browser, event)
      : this.acceptAs(known, invitation, body, browser, event);
  }

  private async acceptAnew(
    invitation: OpenInvitation,
    { name, password }: AcceptInvitationDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<SignInAnswer> {
    if (name === undefined) throw Problem.invalid([{ field: 'name', message: 'is required' }]);
    const { email } = invitation;
    const passwordHash = await hashPassword(password);
    return event.commit(async () => {
      const user = await this.people.create({ email, name, passwordHash });
      if (user === null)
        throw new Problem('conflict', 'There is an account of this address; use its password');
      return this.join({ ...user, workspaceId: invitation.workspace_id }, invitation, browser, event);
    });
  }

  private async acceptAs(
    person: Person,
    invitation: OpenInvitation,
    { password }: AcceptInvitationDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<SignInAnswer> {
    const attempt = await this.attempts.begin(this.attempts.ofSignIn(person.email, browser.ip, null));
    if (!(await isPassword(password, person.passwordHash))) {
      event.reason = 'wrong_password';
      throw wrongPassword();
    }
    return event.commit(async () => {
      await this.attempts.succeed(attempt);
      return this.join({ ...person, workspaceId: invitation.workspace_id }, invitation, browser, event);
    });
  }

  /** Of two who accept at once with one link, one joins. */
  private async join(
    person: Person,
    invitation: OpenInvitation,
    browser: Browser,
    event: AuditDraft,
  ): Promise<SignInAnswer> {
    const accepted = await this.database.query(
      `update invitations set accepted_at = $3
        where id = $1 and workspace_id = $2 and accepted_at is null and revoked_at is null and expires_at > $3
        returning id`,
      [invitation.id, invitation.workspace_id, new Date(this.clock.now())],
    );
    if (accepted.length === 0) throw linkIsOver();
    tellWho(event, person);
    if (!(await this.people.join(person.id, invitation.workspace_id, invitation.role))) {
      throw new Problem('conflict', 'You belong to this workspace already');
    }
    event.details = { invitation: invitation.id, role: invitation.role };
    return this.signIns.enter(person, browser, event);
  }

  private async find(token: string, event: AuditDraft): Promise<OpenInvitation> {
    const [row] = await this.database.query<OpenInvitation>(
      `select i.id, i.workspace_id, w.name as workspace, i.email, i.role, i.expires_at
         from invitations i join workspaces w on w.id = i.workspace_id
        where i.hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2`,
      [hashOf(this.hasher, 'invitation', token), new Date(this.clock.now())],
    );
    if (row === undefined) throw linkIsOver();
    event.workspaceId = row.workspace_id;
    event.target = { type: 'invitation', id: row.id, name: row.email };
    return row;
  }
}
