import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import { FormerUses } from '../audit-log/former-uses.js';
import { LastUses } from '../audit-log/last-use.js';
import type { Principal } from '../credentials/principal.js';
import { TokenCounter } from '../credentials/token-counter.entity.js';
import type { TokenChain } from '../credentials/token-facts.js';
import { revokedDetails } from '../credentials/token-revocation.js';
import { canonicalRanges } from '../platform/addresses.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { mayActOn, overreach } from './authority.js';
import { Revocation, type Place } from './revocation.js';
import { disabledBy, enablingFault } from './suspension.js';
import { Token } from './token.entity.js';
import { rateColumns, renderRate, type RateLimitDto } from './rate-limit.dto.js';
import { factsOf, renderToken, type TokenDto, type TokenPage } from './token-view.dto.js';
import type { ListTokensQuery, UpdateTokenDto } from './tokens.dto.js';
import { filterTokens } from './tokens.query.js';

/** Tokens once they exist: read, listed, changed, revoked (contract §5). */
@Injectable()
export class TokensService {
  constructor(
    private readonly database: Database,
    private readonly revocation: Revocation,
    private readonly scopes: ScopesService,
    private readonly lastUses: LastUses,
    private readonly formerUses: FormerUses,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async list(caller: Principal, query: ListTokensQuery): Promise<TokenPage> {
    const { limit, cursor, expires_before: before, ...filters } = query;
    const now = this.clock.now();
    const bound = ['tokens', caller.workspace.id, caller.environment, filters, before];
    const builder = filterTokens(
      this.database
        .rows(Token)
        .createQueryBuilder('token')
        .where('token.workspace_id = :workspaceId and token.environment = :environment', own(caller)),
      { ...filters, expiresBefore: before === undefined ? undefined : instant(before) },
      now,
    );
    if (cursor !== undefined)
      builder.andWhere('token.id < :after', { after: this.cursors.decode(cursor, bound)[0] });
    const rows = await builder
      .orderBy('token.id', 'DESC')
      .take(limit + 1)
      .getMany();
    const { data, next_cursor } = page(rows, limit, (row) => this.cursors.encode([row.id], bound));
    return { data: await this.render(data, now), next_cursor };
  }

  async read(caller: Principal, id: string, event: AuditDraft): Promise<TokenDto> {
    return this.renderOne(await this.find(caller, id, event));
  }

  async update(caller: Principal, id: string, body: UpdateTokenDto, event: AuditDraft): Promise<TokenDto> {
    const before = await this.findForChange(caller, id, event);
    if (before.revokedAt !== null) throw new Problem('conflict', 'The token is revoked, and that is final');
    const change = changeOf(body);
    // PostgreSQL keeps no order of keys: the same metadata in another order is no change.
    if (isDeepStrictEqual(change.metadata, before.metadata)) delete change.metadata;
    if (change.enabled === true && !before.enabled) Object.assign(change, this.resumed());
    const refusal =
      overreach(caller, { scopes: change.scopes, allowedIps: change.allowedIps }) ??
      (change.enabled === true ? enablingFault(caller, before) : null);
    if (refusal !== null) {
      event.reason = 'insufficient_scope';
      throw refusal;
    }
    if (change.scopes !== undefined) await this.scopes.admit(caller, change.scopes);
    if (change.enabled !== undefined)
      change.disabledById = change.enabled ? null : disabledBy(caller, before);
    const after = Object.assign(new Token(), before, change);
    if (Object.keys(change).length > 0)
      await this.database.rows(Token).update({ id, ...own(caller) }, change as object);
    event.changes =
      changesBetween(asTold(before), asTold(after), CHANGEABLE)?.map((each) => ({
        ...each,
        field: snake(each.field),
      })) ?? null;
    return this.renderOne(after);
  }

  /** Whoever suspended it: from now on it has to be used anew. */
  private resumed(): Pick<Token, 'activeSince' | 'suspendedAt' | 'suspendedReason'> {
    return { activeSince: new Date(this.clock.now()), suspendedAt: null, suspendedReason: null };
  }

  /** Final, idempotent, at once, with all descendants. */
  async revoke(caller: Principal, id: string, reason: string | null, event: AuditDraft): Promise<TokenDto> {
    const row = await this.findForChange(caller, id, event);
    const { at, ids } = await this.revocation.family(own(caller), id, reason);
    event.details = { reason, ...revokedDetails(ids) };
    if (ids.includes(id)) {
      event.changes = [{ field: 'revoked_at', from: null, to: at.toISOString() }];
      Object.assign(row, { revokedAt: at, revokedReason: reason });
    }
    return this.renderOne(row);
  }

  private async find(caller: Principal, id: string, event: AuditDraft, lock = false): Promise<Token> {
    if (!isHandle('token', id)) throw Problem.notFound();
    event.target = { type: 'token', id, name: null };
    const row = await this.database.rows(Token).findOne({
      where: { id, ...own(caller) },
      ...(lock && { lock: { mode: 'pessimistic_write' } }),
    });
    if (row === null) throw Problem.notFound();
    event.target.name = row.name;
    return row;
  }

  /**
   * Locked until the open transaction ends.
   *
   * @throws Problem `not_found`; `forbidden` when the caller is a token that did not issue it.
   */
  async findForChange(caller: Principal, id: string, event: AuditDraft): Promise<Token> {
    const row = await this.find(caller, id, event, true);
    if (!mayActOn(caller, row)) throw Problem.forbidden('A token can act only on tokens issued by it', []);
    return row;
  }

  /** With its ancestors, which count in whatever is decided about it. */
  async chainOf(row: Token): Promise<TokenChain> {
    const ancestors = await this.ancestorsOf([row]);
    const counted = await this.countedUses([row, ...ancestors]);
    return [factsOf(row, counted), ...ancestors.map((each) => factsOf(each, counted))];
  }

  async renderOne(row: Token): Promise<TokenDto> {
    const [rendered] = await this.render([row]);
    return rendered!;
  }

  /** Of tokens of one workspace; in no order. */
  private async ancestorsOf(rows: readonly Token[]): Promise<Token[]> {
    const ids = [...new Set(rows.flatMap(({ lineage }) => lineage))];
    const workspaceId = rows[0]?.workspaceId;
    if (ids.length === 0 || workspaceId === undefined) return [];
    return this.database.rows(Token).findBy({ workspaceId, id: In(ids) });
  }

  /**
   * Tokens of one workspace as the API shows them.
   *
   * @param now of the list's filter, so that a status shown never disagrees with the status asked for.
   */
  async render(rows: readonly Token[], now = this.clock.now()): Promise<TokenDto[]> {
    const first = rows[0];
    if (first === undefined) return [];
    const { workspaceId } = first;
    const ancestors = await this.ancestorsOf(rows);
    const counted = await this.countedUses([...rows, ...ancestors]);
    const lastUses = await this.lastUses.of(
      workspaceId,
      rows.map(({ id }) => id),
    );
    const formerUses = await this.formerUses.of(
      workspaceId,
      rows.flatMap(({ id, previousHint: hint }) => (hint === null ? [] : [{ id, hint }])),
    );
    return rows.map((row) => {
      const own = row.lineage.flatMap((id) => ancestors.filter((ancestor) => ancestor.id === id));
      return renderToken(row, own, { lastUse: lastUses.get(row.id), counted }, now, formerUses.get(row.id));
    });
  }

  private async countedUses(rows: readonly Token[]): Promise<Map<string, number>> {
    const limited = rows.flatMap(({ id, maxUses }) => (maxUses === null ? [] : [id]));
    if (limited.length === 0) return new Map();
    const counters = await this.database.rows(TokenCounter).findBy({ tokenId: In(limited) });
    return new Map(counters.map(({ tokenId, uses }) => [tokenId, uses]));
  }
}

const CHANGEABLE = [
  'name',
  'description',
  'scopes',
  'metadata',
  'allowedIps',
  'rateLimit',
  'enabled',
] as const;

function own(caller: Principal): Place {
  return { workspaceId: caller.workspace.id, environment: caller.environment };
}

/** What the body leaves out stays. Pure. */
function changeOf(body: UpdateTokenDto): Partial<Token> {
  const { name, description, scopes, metadata, allowed_ips: allowedIps, rate_limit: rate, enabled } = body;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(scopes !== undefined && { scopes }),
    ...(metadata !== undefined && { metadata: metadata ?? {} }),
    ...(allowedIps !== undefined && { allowedIps: canonicalRanges(allowedIps) }),
    ...(rate !== undefined && rateColumns(rate)),
    ...(enabled !== undefined && { enabled }),
  };
}

/** A token as the changes of an event show it: its rate limit in one piece. */
function asTold(row: Token): Omit<Token, 'rateLimit'> & { rateLimit: RateLimitDto | null } {
  return { ...row, rateLimit: renderRate(row) };
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
