import { Injectable } from '@nestjs/common';
import { INSTANCE_LOG } from '../audit-log/audit-draft.js';
import type { Role } from '../credentials/role.js';
import { PeopleService } from '../people/accounts/people.service.js';
import type { NewInvitationDto } from '../people/invitations/invitations.dto.js';
import { InvitationsService } from '../people/invitations/invitations.service.js';
import { OneTimeLinks } from '../people/links/one-time-links.js';
import { Database } from '../platform/database/database.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { SystemJournal } from './system-journal.js';

const SYSTEM = { createdByType: 'system', createdById: null, createdByName: null } as const;

/** What the command line does for people: for who has nobody to ask. */
@Injectable()
export class PeopleBySystem {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly invitations: InvitationsService,
    private readonly links: OneTimeLinks,
    private readonly workspaces: WorkspacesService,
    private readonly journal: SystemJournal,
  ) {}

  /** @returns null without such a workspace. */
  async invite(email: string, role: Role, slug: string): Promise<NewInvitationDto | null> {
    return this.database.transaction(async () => {
      const workspace = await this.workspaces.bySlug(slug);
      if (workspace === null) return null;
      const made = await this.invitations.make({ workspaceId: workspace.id, email, role, ...SYSTEM });
      const target = { type: 'invitation', id: made.id, name: made.email } as const;
      await this.journal.record('member.invite', workspace.id, target, { role });
      return made;
    });
  }

  /** @returns the secret of a link, good for 30 minutes; null without such a person. */
  async resetLink(email: string): Promise<string | null> {
    return this.database.transaction(async () => {
      const person = await this.people.byEmail(email);
      if (person === null) return null;
      const target = { type: 'user', id: person.id, name: person.name } as const;
      await this.journal.record('account.reset_link', person.workspaceId ?? INSTANCE_LOG, target);
      return this.links.make('password_reset', person.id);
    });
  }
}
