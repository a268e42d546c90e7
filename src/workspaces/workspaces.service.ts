import { Injectable } from '@nestjs/common';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import { AuditRecorder } from '../audit-log/audit-recorder.js';
import { entryBySystem } from '../audit-log/by-system.js';
import type { Principal } from '../credentials/principal.js';
import { inAnyRange } from '../platform/addresses.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { newHandle } from '../platform/ids.js';
import { slugOf } from './slug.js';
import { Workspace } from './workspace.entity.js';
import {
  CHANGEABLE,
  changeOf,
  renderWorkspace,
  type UpdateWorkspaceDto,
  type WorkspaceDto,
} from './workspaces.dto.js';

@Injectable()
export class WorkspacesService {
  constructor(
    private readonly database: Database,
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  async read(caller: Principal, event: AuditDraft): Promise<WorkspaceDto> {
    const row = await this.own(caller);
    event.target = { type: 'workspace', id: row.id, name: row.name };
    return renderWorkspace(row);
  }

  /** @param ip of the caller, which must not lock itself out; a person cannot, as the addresses do not bind people. */
  async update(
    caller: Principal,
    body: UpdateWorkspaceDto,
    ip: string,
    event: AuditDraft,
  ): Promise<WorkspaceDto> {
    if (caller.environment !== 'live') throw Problem.forbidden('A test key cannot change the workspace', []);
    const before = await this.own(caller, true);
    event.target = { type: 'workspace', id: before.id, name: before.name };
    const change = changeOf(body);
    const { allowedManagementIps: ranges } = change;
    if (caller.type !== 'user' && ranges != null && !inAnyRange(ip, ranges)) {
      const message = `must contain the address of this call, ${ip}`;
      throw Problem.invalid([{ field: 'allowed_management_ips', message }]);
    }
    const after = Object.assign(new Workspace(), before, change);
    if (Object.keys(change).length > 0) await this.database.rows(Workspace).update({ id: before.id }, change);
    event.changes = changesBetween(renderWorkspace(before), renderWorkspace(after), CHANGEABLE);
    return renderWorkspace(after);
  }

  /**
   * Lets credentials call from anywhere again, for who has locked everybody out; by the system, on the command line.
   *
   * @returns null without such a workspace.
   */
  async liftManagementIps(slug: string): Promise<WorkspaceDto | null> {
    return this.database.transaction(async () => {
      const before = await this.database
        .rows(Workspace)
        .findOne({ where: { slug }, lock: { mode: 'for_no_key_update' } });
      if (before === null) return null;
      const after = Object.assign(new Workspace(), before, { allowedManagementIps: null });
      await this.database.rows(Workspace).update({ id: before.id }, { allowedManagementIps: null });
      const { id, name } = before;
      const changes = changesBetween(renderWorkspace(before), renderWorkspace(after), CHANGEABLE) ?? [];
      const target = { type: 'workspace' as const, id, name };
      await this.recorder.recordWithChange(
        entryBySystem({ action: 'workspace.update', workspaceId: id, target, changes }, this.clock.now()),
      );
      return renderWorkspace(after);
    });
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
      maxTokenTtl: null,
      requireExpiry: false,
      defaultPrefix: null,
      inactiveAfterDays: null,
      inactiveCheckedAt: null,
      allowedManagementIps: null,
      hasImports: false,
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
