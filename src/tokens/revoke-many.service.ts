import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { ImportedValues } from '../credentials/imported-values.js';
import type { Principal } from '../credentials/principal.js';
import { SecretStore } from '../credentials/secret-store.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { instant } from '../platform/input/instant.js';
import { mayActOn } from './authority.js';
import { Revocation, type Place } from './revocation.js';
import type {
  RevokedTokensDto,
  RevokeFilterDto,
  RevokeTokensDto,
  SubjectCountDto,
} from './revoke-many.dto.js';
import { Token } from './token.entity.js';
import { coveringForms } from './tokens.query.js';
import { TokensService } from './tokens.service.js';

/** An answer names so many tokens, and counts the rest. */
const MAX_IDS = 10_000;
/** An event names so many. */
const MAX_IN_EVENT = 100;
/** A preview shows so many tokens, and so many subjects. */
const MAX_SHOWN = 100;

/** What is asked for, once it is known to be one thing. */
type Wanted = { value: string } | { filter: RevokeFilterDto };

/** Revokes a token by its value, or many by what they have in common (contract §5). */
@Injectable()
export class RevokeManyService {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretStore,
    private readonly imported: ImportedValues,
    private readonly tokens: TokensService,
    private readonly revocation: Revocation,
  ) {}

  /**
   * Final, at once, with all descendants, in one transaction however many there are.
   *
   * @throws Problem `invalid_request` unless there is either a value or a filter with a condition; `forbidden` for a
   *   calling token that presents the value of a token it has not issued. A filter reaches only what it has issued.
   */
  async revoke(caller: Principal, body: RevokeTokensDto, event: AuditDraft): Promise<RevokedTokensDto> {
    const wanted = wantedBy(body);
    const place = { workspaceId: caller.workspace.id, environment: caller.environment };
    const { dry_run: isTrial } = body;
    const roots =
      'value' in wanted
        ? await this.holding(caller, place, wanted.value, event, !isTrial)
        : await this.matching(caller, place, wanted.filter);
    const doomed = await this.revocation.reach(place, roots);
    // Where no reason is given, what tells why a token has ended is the event that names the filter.
    const reason = body.reason ?? ('filter' in wanted ? event.id : null);
    const ids = isTrial ? doomed : await this.revocation.all(place, doomed, reason);
    event.details = {
      ...('value' in wanted ? { known: roots.length > 0 } : { filter: wanted.filter }),
      reason: body.reason ?? null,
      ...(isTrial
        ? { dry_run: true, would_revoke: ids.length }
        : { revoked: ids.length, revoked_ids: ids.slice(0, MAX_IN_EVENT) }),
    };
    return {
      revoked: ids.length,
      ids: ids.slice(0, MAX_IDS),
      ...(ids.length > MAX_IDS && { truncated: true }),
      ...(isTrial && { dry_run: true, ...(await this.preview(place, ids)) }),
    };
  }

  /** The token that has this value now; none for a value of another workspace or environment, or a dead one. */
  private async holding(
    caller: Principal,
    place: Place,
    value: string,
    event: AuditDraft,
    lock: boolean,
  ): Promise<string[]> {
    const owner = async (): Promise<string | null> =>
      (await this.secrets.ownerOf(place.workspaceId, 'token', value)) ?? this.imported.ownerOf(place, value);
    const id = await owner();
    if (id === null) return [];
    const row = await this.database.rows(Token).findOne({
      where: { id, ...place },
      ...(lock && { lock: { mode: 'pessimistic_write' } }),
    });
    // Asked again under the lock: meanwhile the value may have died and the token live on with a new one.
    if (row === null || (await owner()) !== id) return [];
    event.target = { type: 'token', id, name: row.name };
    // It tells no more than the value does: whoever holds one that lives can use it.
    if (!mayActOn(caller, row)) throw Problem.forbidden('A token can act only on tokens issued by it', []);
    return [id];
  }

  /** The tokens that are not revoked yet and fulfil every condition; of a calling token's, those issued by it. */
  private async matching(caller: Principal, place: Place, filter: RevokeFilterDto): Promise<string[]> {
    const { subject, scope, created_by: creator, issued_before: before } = filter;
    const query = this.database
      .rows(Token)
      .createQueryBuilder('token')
      .select('token.id', 'id')
      .where('token.workspace_id = :workspaceId and token.environment = :environment', place)
      .andWhere('token.revoked_at is null');
    if (caller.credential.kind === 'token') {
      query.andWhere('token.lineage @> array[:caller]::text[]', { caller: caller.id });
    }
    if (subject !== undefined) query.andWhere('token.subject = :subject', { subject });
    if (scope !== undefined)
      query.andWhere('token.scopes && :covering::text[]', { covering: coveringForms(scope) });
    if (creator !== undefined) query.andWhere('token.created_by_id = :creator', { creator });
    if (before !== undefined)
      query.andWhere('token.created_at < :before', { before: new Date(instant(before)) });
    const rows = await query.addSelect('token.scopes', 'scopes').getRawMany<Pick<Token, 'id' | 'scopes'>>();
    // A person's role may not reach as far as some of them do; of a token's own the query knows.
    const reached =
      caller.type === 'user' ? rows.filter((row) => mayActOn(caller, { ...row, lineage: [] })) : rows;
    return reached.map(({ id }) => id);
  }

  /** What somebody looks at before it is done: the tokens, when each was used last, and for whom they are. */
  private async preview(
    place: Place,
    ids: readonly string[],
  ): Promise<Pick<RevokedTokensDto, 'tokens' | 'subjects'>> {
    const newest = [...ids].sort((one, other) => (one < other ? 1 : -1)).slice(0, MAX_SHOWN);
    const rows = await this.database
      .rows(Token)
      .find({ where: { ...place, id: In(newest) }, order: { id: 'DESC' } });
    const subjects = await this.database.query<SubjectCountDto>(
      `select subject, count(*)::int as tokens from tokens
        where workspace_id = $1 and environment = $2 and id = any($3)
        group by subject order by tokens desc, subject nulls last limit $4`,
      [place.workspaceId, place.environment, ids, MAX_SHOWN],
    );
    return { tokens: await this.tokens.render(rows), subjects };
  }
}

/** Either a value or a filter that says something. Pure. */
function wantedBy({ token, filter }: RevokeTokensDto): Wanted {
  if (token == null && filter === undefined) {
    const message = 'is required: either token or filter';
    throw Problem.invalid([
      { field: 'token', message },
      { field: 'filter', message },
    ]);
  }
  if (token != null && filter !== undefined) {
    throw Problem.invalid([{ field: 'filter', message: 'must not be given together with token' }]);
  }
  if (token != null) return { value: token };
  if (filter === undefined || Object.values(filter).every((each) => each === undefined)) {
    throw Problem.invalid([{ field: 'filter', message: 'must name at least one condition' }]);
  }
  return { filter };
}
