import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, MoreThan } from 'typeorm';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import { createdBy, type Principal } from '../../credentials/principal.js';
import type { Role } from '../../credentials/role.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isHandle, newHandle } from '../../platform/ids.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import { page } from '../../platform/pagination/page.js';
import type { PageQuery } from '../../platform/pagination/page.dto.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { plainEmail } from '../accounts/account-fields.js';
import { hashOf, newSecret } from '../links/person-secret.js';
import { overreachOfRank, seesPeople } from '../members/ranks.js';
import { Invitation } from './invitation.entity.js';
import {
  renderInvitation,
  type InvitationPage,
  type InviteDto,
  type NewInvitationDto,
} from './invitations.dto.js';

const LIFE_MS = 7 * 24 * 3600 * 1000;

interface Wanted extends Pick<Invitation, 'createdByType' | 'createdById' | 'createdByName'> {
  workspaceId: string;
  email: string;
  role: Role;
}

/** Invitations as the workspace sees them: made, listed, taken back. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async invite(caller: Principal, body: InviteDto, event: AuditDraft): Promise<NewInvitationDto> {
    if (!seesPeople(caller)) throw Problem.forbidden('A test key cannot invite people', []);
    const refusal = overreachOfRank(caller, body.role);
    if (refusal !== null) throw refusal;
    const workspaceId = caller.workspace.id;
    if (await this.isMember(workspaceId, body.email)) {
      throw new Problem('conflict', 'A person of this address belongs to the workspace');
    }
    const made = await this.make({ workspaceId, ...body, ...createdBy(caller) });
    // The address is personal, and so stands where a name does.
    event.target = { type: 'invitation', id: made.id, name: made.email };
    event.details = { role: made.role, expires_at: made.expires_at };
    return made;
  }

  /** Makes one without asking who wants it; for the command line too. */
  async make(wanted: Wanted): Promise<NewInvitationDto> {
    const now = this.clock.now();
    const value = newSecret();
    const row = Object.assign(new Invitation(), wanted, {
      id: newHandle('inv', now),
      hash: hashOf(this.hasher, 'invitation', value),
      email: plainEmail(wanted.email),
      createdAt: new Date(now),
      expiresAt: new Date(now + LIFE_MS),
      acceptedAt: null,
      revokedAt: null,
    });
    await this.database.rows(Invitation).insert(row);
    return { ...renderInvitation(row), token: value, link: `/invitation#${value}` };
  }

  async list(caller: Principal, query: PageQuery): Promise<InvitationPage> {
    const filters = ['invitations', caller.workspace.id, seesPeople(caller)];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    if (!seesPeople(caller)) return { data: [], next_cursor: null };
    const rows = await this.database.rows(Invitation).find({
      where: { ...this.open(caller), ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map(renderInvitation), next_cursor };
  }

  async revoke(caller: Principal, id: string, event: AuditDraft): Promise<void> {
    if (!isHandle('inv', id)) throw Problem.notFound();
    event.target = { type: 'invitation', id, name: null };
    if (!seesPeople(caller)) throw Problem.notFound();
    const row = await this.database.rows(Invitation).findOneBy({ id, ...this.open(caller) });
    if (row === null) throw Problem.notFound();
    event.target.name = row.email;
    const refusal = overreachOfRank(caller, row.role);
    if (refusal !== null) throw refusal;
    const { affected } = await this.database
      .rows(Invitation)
      .update({ id, ...this.open(caller) }, { revokedAt: new Date(this.clock.now()) });
    if (affected !== 1) throw Problem.notFound();
  }

  private open(caller: Principal): object {
    return {
      workspaceId: caller.workspace.id,
      acceptedAt: IsNull(),
      revokedAt: IsNull(),
      expiresAt: MoreThan(new Date(this.clock.now())),
    };
  }

  private async isMember(workspaceId: string, email: string): Promise<boolean> {
    const rows = await this.database.query(
      `select from memberships m join users u on u.id = m.user_id where m.workspace_id = $1 and u.email = $2`,
      [workspaceId, plainEmail(email)],
    );
    return rows.length > 0;
  }
}
