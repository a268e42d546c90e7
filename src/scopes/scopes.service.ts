import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem, type Fault } from '../platform/errors/problem.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import type { PageQuery } from '../platform/pagination/page.dto.js';
import { isPattern, isReserved, parseScope } from './grammar.js';
import { isUnknownScope } from './known-scopes.js';
import { nearestScope } from './nearest.js';
import { OWN_SCOPES } from './own-scopes.js';
import { Scope } from './scope.entity.js';
import {
  renderScope,
  type CreateScopeDto,
  type ScopeDto,
  type ScopePage,
  type UpdateScopeDto,
} from './scopes.dto.js';

/** Whose catalogue it is: a caller's, or that of whom the command line works for. */
export interface ScopesOwner {
  environment: Principal['environment'];
  workspace: Pick<Principal['workspace'], 'id' | 'strictScopes'>;
}

/**
 * The workspace's own scopes (contract §5). A catalogue, not a gate: tokens carry the scopes themselves, so
 * deleting a scope from the catalogue changes no token. With `strict_scopes` it decides what may be issued.
 */
@Injectable()
export class ScopesService {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async create(caller: Principal, body: CreateScopeDto, event: AuditDraft): Promise<ScopeDto> {
    event.target = { type: 'scope', id: body.name, name: body.name };
    const row = this.newRow(caller, body.name, body.description ?? null);
    const isNew = await this.database.insertIfFree(Scope, [row]);
    if (!isNew) throw new Problem('conflict', 'A scope of this name exists');
    return renderScope(row);
  }

  async list(caller: Principal, query: PageQuery): Promise<ScopePage> {
    const filters = ['scopes', caller.workspace.id, caller.environment];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    const rows = await this.database.rows(Scope).find({
      where: { ...own(caller), ...(after !== undefined && { name: MoreThan(after) }) },
      order: { name: 'ASC' },
      take: query.limit + 1,
    });
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.name], filters));
    return { data: data.map(renderScope), next_cursor };
  }

  async update(caller: Principal, name: string, body: UpdateScopeDto, event: AuditDraft): Promise<ScopeDto> {
    const before = await this.find(caller, name, event, true);
    const description = body.description === undefined ? before.description : body.description;
    const after = Object.assign(new Scope(), before, { description });
    await this.database.rows(Scope).update({ name, ...own(caller) }, { description });
    event.changes = changesBetween(before, after, ['description']);
    return renderScope(after);
  }

  async remove(caller: Principal, name: string, event: AuditDraft): Promise<void> {
    await this.find(caller, name, event, true);
    await this.database.rows(Scope).delete({ name, ...own(caller) });
  }

  /**
   * Makes sure that the workspace knows the scopes of a token: registers the unknown ones, or with
   * `strict_scopes` refuses them.
   *
   * @param scopes that passed the grammar, in the order of the request's `scopes`.
   * @throws Problem `unknown_scope`, naming the nearest known one.
   */
  async admit(owner: ScopesOwner, scopes: readonly string[]): Promise<void> {
    const rows = await this.named(owner, scopes);
    if (rows.length > 0) await this.database.insertIfFree(Scope, rows);
  }

  /**
   * The same, for who inserts them together with what they are for.
   *
   * @returns those that have to be registered if they are not yet, in one order everywhere, so that no two who insert
   * them can wait for each other.
   */
  async named(owner: ScopesOwner, scopes: readonly string[]): Promise<Scope[]> {
    if (owner.workspace.strictScopes) {
      const faults = unknownScopes(scopes, await this.known(owner));
      if (faults.length > 0) throw Problem.invalid(faults, 'unknown_scope');
      return [];
    }
    return scopes
      .filter((scope) => !isReserved(scope) && !isPattern(scope))
      .sort()
      .map((name) => this.newRow(owner, name, null));
  }

  /** Names of the workspace's catalogue in the environment. */
  async known(owner: ScopesOwner): Promise<string[]> {
    const rows = await this.database.rows(Scope).find({ where: own(owner), select: { name: true } });
    return rows.map(({ name }) => name);
  }

  private async find(caller: Principal, name: string, event: AuditDraft, lock = false): Promise<Scope> {
    if (!parseScope(name).ok) throw Problem.notFound();
    event.target = { type: 'scope', id: name, name };
    const row = await this.database.rows(Scope).findOne({
      where: { name, ...own(caller) },
      ...(lock && { lock: { mode: 'pessimistic_write' } }),
    });
    if (row === null) throw Problem.notFound();
    return row;
  }

  private newRow(owner: ScopesOwner, name: string, description: string | null): Scope {
    return Object.assign(new Scope(), {
      ...own(owner),
      name,
      description,
      createdAt: new Date(this.clock.now()),
    });
  }
}

function own(owner: ScopesOwner): Pick<Scope, 'workspaceId' | 'environment'> {
  return { workspaceId: owner.workspace.id, environment: owner.environment };
}

/** Pure. */
function unknownScopes(scopes: readonly string[], known: readonly string[]): Fault[] {
  const names = new Set(known);
  return scopes.flatMap((scope, index) => {
    if (!isUnknownScope(scope, names)) return [];
    const nearest = nearestScope(scope, [...known, ...OWN_SCOPES]);
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
    return [
      { field: `scopes[${String(index)}]`, message: `${scope} is not a scope of this workspace${hint}` },
    ];
  });
}
