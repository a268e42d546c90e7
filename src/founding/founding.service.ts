import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { NewApiKeyDto } from '../api-keys/api-keys.dto.js';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import { PeopleService } from '../people/accounts/people.service.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { parseSecret, type Environment } from '../platform/secrets/secret.js';
import type { Workspace } from '../workspaces/workspace.entity.js';
import { renderWorkspace } from '../workspaces/workspaces.dto.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { NewWorkspaceDto } from './founding.dto.js';
import { SystemJournal } from './system-journal.js';

const SYSTEM = { createdByType: 'system', createdById: null, createdByName: null } as const;

/** Makes workspaces with their first key: at the first start, from the command line, and by the operator. */
@Injectable()
export class FoundingService {
  constructor(
    private readonly database: Database,
    private readonly workspaces: WorkspacesService,
    private readonly keys: ApiKeysService,
    private readonly people: PeopleService,
    private readonly journal: SystemJournal,
    private readonly config: Config,
  ) {}

  /**
   * The operator workspace with its first key, on an empty database; null on every later start, and for all but
   * one of several instances that start together.
   */
  async foundInstance(): Promise<NewApiKeyDto | null> {
    return this.database.transaction(async () => {
      const workspace = await this.workspaces.createOperator();
      if (workspace === null) return null;
      const value = this.config.bootstrapApiKey ?? undefined;
      const key = await this.firstKey(workspace, value);
      await this.recordFounding(workspace, key);
      return key;
    });
  }

  /** A workspace made on the command line. */
  async foundBySystem(name: string): Promise<NewWorkspaceDto> {
    return this.database.transaction(async () => {
      const workspace = await this.workspaces.create(name);
      const key = await this.firstKey(workspace);
      await this.recordFounding(workspace, key);
      return { ...renderWorkspace(workspace), api_key: key.key };
    });
  }

  /** A key made on the command line, for instance after the last one was deleted; null without such a workspace. */
  async keyBySystem(slug: string, environment: Environment, name: string): Promise<NewApiKeyDto | null> {
    return this.database.transaction(async () => {
      const workspace = await this.workspaces.bySlug(slug);
      if (workspace === null) return null;
      const key = await this.keys.make({
        workspaceId: workspace.id,
        environment,
        name,
        expiresAt: null,
        ...SYSTEM,
      });
      await this.journal.record('api_key.create', workspace.id, { type: 'api_key', id: key.id, name });
      return key;
    });
  }

  /** Whether the operator workspace is there. */
  async isFounded(): Promise<boolean> {
    return (await this.database.query('select from workspaces where operator')).length > 0;
  }

  /**
   * A workspace made by the operator workspace, whose log gets the event; or by an owner, who then owns it, and makes
   * its first key when they need it.
   */
  async found(caller: Principal, name: string, event: AuditDraft): Promise<NewWorkspaceDto> {
    if (caller.type === 'user') {
      const workspace = await this.workspaces.create(name);
      await this.people.join(caller.id, workspace.id, 'owner');
      event.target = { type: 'workspace', id: workspace.id, name };
      event.details = { slug: workspace.slug, owner: caller.id };
      return { ...renderWorkspace(workspace), api_key: null };
    }
    // Its first key is a live one, and nobody gives what they do not have.
    if (caller.environment !== 'live') throw Problem.forbidden('A test key cannot make a workspace', []);
    const workspace = await this.workspaces.create(name);
    const key = await this.firstKey(workspace);
    event.target = { type: 'workspace', id: workspace.id, name };
    event.details = { slug: workspace.slug, first_api_key: key.id };
    return { ...renderWorkspace(workspace), api_key: key.key };
  }

  private firstKey(workspace: Workspace, value?: string): Promise<NewApiKeyDto> {
    const environment = value === undefined ? 'live' : (parseSecret(value)?.environment ?? 'live');
    const wanted = { workspaceId: workspace.id, environment, name: 'First key', expiresAt: null, ...SYSTEM };
    return this.keys.make(wanted, value);
  }

  private async recordFounding(workspace: Workspace, key: NewApiKeyDto): Promise<void> {
    const { id, name } = workspace;
    await this.journal.record('workspace.create', id, { type: 'workspace', id, name });
    await this.journal.record('api_key.create', id, { type: 'api_key', id: key.id, name: key.name });
  }
}
