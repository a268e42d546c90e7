import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import type { Role } from '../../credentials/role.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isHandle } from '../../platform/ids.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import { page } from '../../platform/pagination/page.js';
import type { PageQuery } from '../../platform/pagination/page.dto.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { Membership } from './membership.entity.js';
import type { MemberDto, MemberPage, UpdateMemberDto } from './members.dto.js';
import { overreachOfRank, seesPeople } from './ranks.js';

interface MemberRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  created_at: Date;
}

const MEMBERS = `
  select u.id, u.email, u.name, m.role, m.created_at
    from memberships m join users u on u.id = m.user_id
   where m.workspace_id = $1`;

/** Who belongs to the workspace, and as what. */
@Injectable()
export class MembersService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsService,
    private readonly cursors: Cursors,
  ) {}

  async list(caller: Principal, query: PageQuery): Promise<MemberPage> {
    const filters = ['members', caller.workspace.id, seesPeople(caller)];
    const after = query.cursor === undefined ? null : this.cursors.decode(query.cursor, filters)[0];
    if (!seesPeople(caller)) return { data: [], next_cursor: null };
    const rows = await this.database.query<MemberRow>(
      `${MEMBERS} and ($2::text is null or m.user_id < $2) order by m.user_id desc limit $3`,
      [caller.workspace.id, after, query.limit + 1],
    );
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map(render), next_cursor };
  }

  /** Holds from the next request on, in sessions that are open too; whoever rises confirms anew that it is they. */
  async update(caller: Principal, id: string, body: UpdateMemberDto, event: AuditDraft): Promise<MemberDto> {
    const owners = await this.lockOwners(caller);
    const row = await this.find(caller, id, event);
    const refusal = overreachOfRank(caller, row.role, body.role);
    if (refusal !== null) throw refusal;
    if (body.role === row.role) return render(row);
    if (row.role === 'owner') keepAnOwner(owners);
    await this.database
      .rows(Membership)
      .update({ workspaceId: caller.workspace.id, userId: id }, { role: body.role });
    await this.sessions.endSudo(id);
    event.changes = [{ field: 'role', from: row.role, to: body.role }];
    return render({ ...row, role: body.role });
  }

  /** From the next request on they have no access here; what they made stays. */
  async remove(caller: Principal, id: string, event: AuditDraft): Promise<void> {
    const owners = await this.lockOwners(caller);
    const row = await this.find(caller, id, event);
    const refusal = overreachOfRank(caller, row.role);
    if (refusal !== null) throw refusal;
    if (row.role === 'owner') keepAnOwner(owners);
    await this.database.rows(Membership).delete({ workspaceId: caller.workspace.id, userId: id });
    event.details = { role: row.role };
  }

  /** Locked before anything is looked at: of two who leave at once, one stays. */
  private async lockOwners({ workspace }: Principal): Promise<number> {
    const rows = await this.database.query(
      `select user_id from memberships where workspace_id = $1 and role = 'owner' order by user_id for update`,
      [workspace.id],
    );
    return rows.length;
  }

  private async find(caller: Principal, id: string, event: AuditDraft): Promise<MemberRow> {
    if (!isHandle('usr', id)) throw Problem.notFound();
    event.target = { type: 'user', id, name: null };
    if (!seesPeople(caller)) throw Problem.notFound();
    const [row] = await this.database.query<MemberRow>(`${MEMBERS} and m.user_id = $2 for update of m`, [
      caller.workspace.id,
      id,
    ]);
    if (row === undefined) throw Problem.notFound();
    event.target.name = row.name;
    return row;
  }
}

function keepAnOwner(owners: number): void {
  if (owners < 2) throw new Problem('conflict', 'This is the last owner, and a workspace needs one');
}

function render({ id, email, name, role, created_at }: MemberRow): MemberDto {
  return { id, email, name, role, joined_at: created_at.toISOString() };
}
