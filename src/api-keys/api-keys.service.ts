import { Injectable } from '@nestjs/common';
import { In, IsNull, LessThan } from 'typeorm';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import { LastUses } from '../audit-log/last-use.js';
import { createdBy, type Principal } from '../credentials/principal.js';
import { SecretStore } from '../credentials/secret-store.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle, newHandle } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import type { PageQuery } from '../platform/pagination/page.dto.js';
import type { Environment } from '../platform/secrets/secret.js';
import { ApiKey } from './api-key.entity.js';
import {
  renderApiKey,
  type ApiKeyDto,
  type ApiKeyPage,
  type CreateApiKeyDto,
  type NewApiKeyDto,
  type RevokeApiKeyDto,
  type UpdateApiKeyDto,
} from './api-keys.dto.js';

type WantedKey = Pick<
  ApiKey,
  'workspaceId' | 'environment' | 'name' | 'expiresAt' | 'createdByType' | 'createdById' | 'createdByName'
>;

/** The rules of API keys (contract §4). */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretStore,
    private readonly lastUses: LastUses,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async create(caller: Principal, body: CreateApiKeyDto, event: AuditDraft): Promise<NewApiKeyDto> {
    const expiresAt = body.expires_at == null ? null : instant(body.expires_at);
    const environment = body.environment ?? caller.environment;
    if (!managed(caller).includes(environment))
      throw Problem.forbidden('A test key makes test keys only', []);
    const made = await this.make({
      workspaceId: caller.workspace.id,
      environment,
      name: body.name,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      ...createdBy(caller),
    });
    event.target = { type: 'api_key', id: made.id, name: made.name };
    event.details = { environment, expires_at: made.expires_at };
    return made;
  }

  /**
   * Makes a key without asking who wants it: for `create`, and for a workspace's first key.
   *
   * @param value the value to take instead of a random one; for the bootstrap key only.
   */
  async make(wanted: WantedKey, value?: string): Promise<NewApiKeyDto> {
    const now = this.clock.now();
    const id = newHandle('key', now);
    const { workspaceId, environment } = wanted;
    const owner = { workspaceId, environment, kind: 'api_key', ownerId: id } as const;
    const secret = await this.secrets.create({ ...owner, ...(value !== undefined && { value }) });
    const row = Object.assign(new ApiKey(), wanted, {
      id,
      hint: secret.hint,
      createdAt: new Date(now),
      regeneratedAt: null,
      deletedAt: null,
    });
    await this.database.rows(ApiKey).insert(row);
    return { ...renderApiKey(row, undefined), key: secret.value };
  }

  async list(caller: Principal, query: PageQuery): Promise<ApiKeyPage> {
    const filters = ['api-keys', caller.workspace.id, caller.environment];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    const rows = await this.database.rows(ApiKey).find({
      where: { ...manageable(caller), ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    const uses = await this.lastUses.of(
      caller.workspace.id,
      rows.map(({ id }) => id),
    );
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map((row) => renderApiKey(row, uses.get(row.id))), next_cursor };
  }

  async read(caller: Principal, id: string, event: AuditDraft): Promise<ApiKeyDto> {
    return this.rendered(await this.find(caller, id, event));
  }

  async rename(caller: Principal, id: string, body: UpdateApiKeyDto, event: AuditDraft): Promise<ApiKeyDto> {
    const before = await this.find(caller, id, event, true);
    const after = Object.assign(new ApiKey(), before, { name: body.name });
    await this.database.rows(ApiKey).update({ id, ...manageable(caller) }, { name: body.name });
    event.changes = changesBetween(before, after, ['name']);
    return this.rendered(after);
  }

  async regenerate(caller: Principal, id: string, event: AuditDraft): Promise<NewApiKeyDto> {
    // Locked first: of two regenerations at once the second ends the value the first one made.
    const row = await this.find(caller, id, event, true);
    await this.secrets.end(row.workspaceId, [id], 'regenerated');
    const secret = await this.secrets.create({ ...row, kind: 'api_key', ownerId: id });
    const change = { hint: secret.hint, regeneratedAt: new Date(this.clock.now()) };
    await this.database.rows(ApiKey).update({ id, ...manageable(caller) }, change);
    event.changes = [{ field: 'hint', from: row.hint, to: secret.hint }];
    return { ...(await this.rendered(Object.assign(row, change))), key: secret.value };
  }

  async remove(caller: Principal, id: string, event: AuditDraft): Promise<void> {
    await this.end(caller, await this.find(caller, id, event, true));
  }

  async revoke(caller: Principal, body: RevokeApiKeyDto, event: AuditDraft): Promise<void> {
    const owner = () => this.secrets.ownerOf(caller.workspace.id, 'api_key', body.api_key);
    const id = await owner();
    const row = id === null ? null : await this.lookUp(caller, id, true);
    // Asked again under the lock: meanwhile the value may have died and the key live on with a new one.
    const known = row !== null && (await owner()) === row.id;
    event.details = { known };
    if (!known) return;
    event.target = { type: 'api_key', id: row.id, name: row.name };
    await this.end(caller, row);
  }

  /**
   * Stops a key whose value has leaked, of whatever workspace, in the open transaction. What was deleted or has expired
   * stays as it is.
   *
   * @param isHeld asked under the key's lock: whether the value is still its own. Meanwhile it may have got a new one.
   * @returns the key's name, and whether this has stopped it; null for a key that does not exist.
   */
  async leaked(
    workspaceId: string,
    id: string,
    isHeld: () => Promise<boolean>,
  ): Promise<{ name: string; stopped: boolean } | null> {
    const keys = this.database.rows(ApiKey);
    const where = { id, workspaceId };
    const row = await keys.findOne({ where, lock: { mode: 'pessimistic_write' } });
    const held = await isHeld();
    const now = this.clock.now();
    if (row === null) return null;
    const isOver = row.deletedAt !== null || (row.expiresAt !== null && row.expiresAt.getTime() <= now);
    const stopped = held && !isOver;
    await this.secrets.end(workspaceId, stopped ? [id] : [], 'revoked');
    if (stopped) await keys.update({ ...where, deletedAt: IsNull() }, { deletedAt: new Date(now) });
    return { name: row.name, stopped };
  }

  private async end(caller: Principal, { id, workspaceId }: ApiKey): Promise<void> {
    await this.secrets.end(workspaceId, [id], 'deleted');
    await this.database
      .rows(ApiKey)
      .update({ id, ...manageable(caller) }, { deletedAt: new Date(this.clock.now()) });
  }

  private async find(caller: Principal, id: string, event: AuditDraft, lock = false): Promise<ApiKey> {
    if (!isHandle('key', id)) throw Problem.notFound();
    event.target = { type: 'api_key', id, name: null };
    const row = await this.lookUp(caller, id, lock);
    if (row === null) throw Problem.notFound();
    event.target.name = row.name;
    return row;
  }

  private lookUp(caller: Principal, id: string, lock: boolean): Promise<ApiKey | null> {
    return this.database.rows(ApiKey).findOne({
      where: { id, ...manageable(caller) },
      ...(lock && { lock: { mode: 'pessimistic_write' } }),
    });
  }

  private async rendered(row: ApiKey): Promise<ApiKeyDto> {
    return renderApiKey(row, (await this.lastUses.of(row.workspaceId, [row.id])).get(row.id));
  }
}

/** A live key manages keys of both environments, a test key only its own (contract §4). */
function managed(caller: Principal): Environment[] {
  return caller.environment === 'live' ? ['live', 'test'] : ['test'];
}

function manageable(caller: Principal): object {
  return { workspaceId: caller.workspace.id, environment: In(managed(caller)), deletedAt: IsNull() };
}
