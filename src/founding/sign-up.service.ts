import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { PeopleService, tellWho } from '../people/accounts/people.service.js';
import { AttemptsService } from '../people/sessions/attempts.service.js';
import type { Browser } from '../people/sessions/browser.js';
import type { SignInAnswer } from '../people/sessions/sign-in.dto.js';
import { SignInService } from '../people/sessions/sign-in.service.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/errors/problem.js';
import { hashPassword } from '../platform/passwords/password-hasher.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { SignUpDto } from './setup.dto.js';

/** Anybody makes themselves an account with a workspace of their own, where `TOOKEN_SIGNUP=open`. */
@Injectable()
export class SignUpService {
  constructor(
    private readonly people: PeopleService,
    private readonly workspaces: WorkspacesService,
    private readonly attempts: AttemptsService,
    private readonly signIns: SignInService,
    private readonly config: Config,
  ) {}

  async signUp(body: SignUpDto, browser: Browser, event: AuditDraft): Promise<SignInAnswer> {
    if (this.config.signup === 'closed') throw Problem.notFound();
    // Never taken back: each account more is one more, however it came about.
    await this.attempts.begin(this.attempts.ofSignUp(browser.ip));
    const passwordHash = await hashPassword(body.password);
    return event.commit(async () => {
      const user = await this.people.create({ ...body, passwordHash });
      if (user === null)
        throw new Problem('conflict', 'There is an account of this address; sign in with it');
      const workspace = await this.workspaces.create(body.workspace);
      await this.people.join(user.id, workspace.id, 'owner');
      const owner = { ...user, workspaceId: workspace.id };
      tellWho(event, owner);
      event.details = { workspace: workspace.id, slug: workspace.slug };
      return this.signIns.enter(owner, browser, event);
    });
  }
}
