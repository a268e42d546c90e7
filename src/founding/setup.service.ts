import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { PeopleService, tellWho, type NewPerson } from '../people/accounts/people.service.js';
import type { User } from '../people/accounts/user.entity.js';
import { OneTimeLinks } from '../people/links/one-time-links.js';
import type { Browser } from '../people/sessions/browser.js';
import type { SignInAnswer } from '../people/sessions/sign-in.dto.js';
import { SignInService } from '../people/sessions/sign-in.service.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { hashPassword } from '../platform/passwords/password-hasher.js';
import type { SetupDto, SetupStateDto } from './setup.dto.js';
import { SystemJournal } from './system-journal.js';

/** Makes the first owner, while there is nobody: from the environment, or with a link that the terminal shows. */
@Injectable()
export class SetupService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly links: OneTimeLinks,
    private readonly signIns: SignInService,
    private readonly journal: SystemJournal,
    private readonly config: Config,
  ) {}

  async read(): Promise<SetupStateDto> {
    return { pending: await this.isPending(), signup: this.config.signup };
  }

  /**
   * At every start, until there is somebody: makes the owner that the environment names, or else a link.
   *
   * @returns the secret of the link; null: there is somebody.
   */
  async prepare(): Promise<string | null> {
    if (!(await this.isPending())) return null;
    const { adminEmail: email, adminPassword: password } = this.config;
    if (email === null || password === null) return this.link();
    const name = email.slice(0, email.indexOf('@'));
    await this.makeBySystem({ email, name, passwordHash: await hashPassword(password) });
    return null;
  }

  /** @returns the secret of a new link, good for 30 minutes; null: there is somebody who can sign in. */
  async link(): Promise<string | null> {
    return this.database.transaction(async () => {
      const workspaceId = await this.lockOperator();
      if (workspaceId === null || !(await this.isPending())) return null;
      await this.journal.record('setup.link', workspaceId, null);
      return this.links.make('setup', null);
    });
  }

  /** With the link; signs the owner in. */
  async complete(body: SetupDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    await this.links.read('setup', body.token);
    const passwordHash = await hashPassword(body.password);
    return event.commit(async () => {
      const workspaceId = await this.lockOperator();
      await this.links.use('setup', body.token);
      const user = workspaceId === null ? null : await this.make(workspaceId, { ...body, passwordHash });
      if (user === null)
        throw new Problem('conflict', 'There is an owner already; ask them for an invitation');
      const owner = { ...user, workspaceId };
      tellWho(event, owner);
      return this.signIns.enter(owner, browser, event);
    });
  }

  private async makeBySystem(person: NewPerson): Promise<void> {
    await this.database.transaction(async () => {
      const workspaceId = await this.lockOperator();
      const user = workspaceId === null ? null : await this.make(workspaceId, person);
      if (workspaceId === null || user === null) return;
      await this.journal.record('setup.complete', workspaceId, {
        type: 'user',
        id: user.id,
        name: user.name,
      });
    });
  }

  private async make(workspaceId: string, person: NewPerson): Promise<User | null> {
    if (!(await this.isPending())) return null;
    const user = await this.people.create(person);
    if (user !== null) await this.people.join(user.id, workspaceId, 'owner');
    return user;
  }

  /** Of several who make the first owner at once, one is first. */
  private async lockOperator(): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }>(
      'select id from workspaces where operator for no key update',
    );
    return row?.id ?? null;
  }

  private async isPending(): Promise<boolean> {
    return (await this.database.query('select from users limit 1')).length === 0;
  }
}
