import { Injectable } from '@nestjs/common';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { newHandle } from '../platform/ids.js';
import { slugOf } from './slug.js';
import { Workspace } from './workspace.entity.js';
import { renderWorkspace, type UpdateWorkspaceDto, type WorkspaceDto } from './workspaces.dto.js';

@Injectable()
export class WorkspacesService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async read(caller: Principal, event: AuditDraft): Promise<WorkspaceDto> {
    const row = await this.own(caller);
    event.target = { type: 'workspace', id: row.id, name: row.name };
    return renderWorkspace(row);
  }

  async update(caller: Principal, body: UpdateWorkspaceDto, event: AuditDraft): Promise<WorkspaceDto> {
    if (caller.environment !== 'live') throw Problem.forbidden('A test key cannot change the workspace', []);
    const before = await this.own(caller, true);
    event.target = { type: 'workspace', id: before.id, name: before.name };
    const { name, strict_scopes: strictScopes, reuse_policy: reusePolicy } = body;
    const change = {
      ...(name !== undefined && { name }),
      ...(strictScopes !== undefined && { strictScopes }),
      ...(reusePolicy !== undefined && { reusePolicy }),
    };
    const after = Object.assign(new Workspace(), before, change);
    if (Object.keys(change).length > 0) await this.database.rows(Workspace).update({ id: before.id }, change);
    event.changes = changesBetween(renderWorkspace(before), renderWorkspace(after), [
      'name',
      'strict_scopes',
      'reuse_policy',
    ]);
    return renderWorkspace(after);
  }

  /** A workspace without keys yet; its slug is made from its name and is nobody else's. */
  async create(name: string): Promise<Workspace> {
    const row = this.newRow(name, false);
    for (let suffix = 1; ; suffix++) {
      row.slug = slugOf(name, suffix);
      if (await this.database.insertIfFree(Workspace, [row])) return row;
    }
  }

  /**
   * The operator workspace, or null if there is one already: of several instances one makes it. Its slug is
   * `default`, unless the command line has made another workspace of that name first.
   */
  async createOperator(): Promise<Workspace | null> {
    const row = this.newRow('default', true);
    for (let suffix = 1; !(await this.database.rows(Workspace).existsBy({ operator: true })); suffix++) {
      row.slug = slugOf(row.name, suffix);
      if (await this.database.insertIfFree(Workspace, [row])) return row;
    }
    return null;
  }

  bySlug(slug: string): Promise<Workspace | null> {
    return this.database.rows(Workspace).findOneBy({ slug });
  }

  private newRow(name: string, operator: boolean): Workspace {
    const now = this.clock.now();
    return Object.assign(new Workspace(), {
      id: newHandle('ws', now),
      name,
      operator,
      strictScopes: false,
      reusePolicy: 'alert',
      createdAt: new Date(now),
    });
  }

  /** @param lock for a change; not so strong that it would hold up who only refers to the workspace. */
  private own(caller: Principal, lock = false): Promise<Workspace> {
    return this.database.rows(Workspace).findOneOrFail({
      where: { id: caller.workspace.id },
      ...(lock && { lock: { mode: 'for_no_key_update' } }),
    });
  }
}
