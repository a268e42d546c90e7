import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { NewRows } from '../audit-log/new-rows.js';
import type { OpenRecord } from '../audit-log/open-record.js';
import { CredentialSecret } from '../credentials/credential-secret.entity.js';
import { createdBy, type Principal } from '../credentials/principal.js';
import { SecretStore } from '../credentials/secret-store.js';
import { canonicalRanges } from '../platform/addresses.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem, type Fault } from '../platform/errors/problem.js';
import { newHandle } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import { Scope } from '../scopes/scope.entity.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { inherited, overreach } from './authority.js';
import { expiryFault, impliedExpiry } from './policies/expiry-policy.js';
import { rateColumns, renderRate } from './rate-limit.dto.js';
import { Token } from './token.entity.js';
import { renderToken, UNUSED, type NewTokenDto } from './token-view.dto.js';
import type { IssueTokenDto } from './tokens.dto.js';

const DEFAULT_PREFIX = 'tkn';

/** Issues tokens: nobody gives what they do not have (contract §5). */
@Injectable()
export class IssueTokenService {
  constructor(
    private readonly database: Database,
    private readonly newRows: NewRows,
    private readonly secrets: SecretStore,
    private readonly scopes: ScopesService,
    private readonly clock: Clock,
  ) {}

  async issue(
    caller: Principal,
    body: IssueTokenDto,
    event: AuditDraft,
    record: OpenRecord,
  ): Promise<NewTokenDto> {
    const now = this.clock.now();
    const row = this.draft(caller, body, now);
    event.details = {
      scopes: row.scopes,
      subject: row.subject,
      expires_at: row.expiresAt?.toISOString() ?? null,
      ...(row.maxUses !== null && { max_uses: row.maxUses }),
      ...(row.rateLimit !== null && { rate_limit: renderRate(row) }),
    };
    const faults = faultsOf(caller, body, row, now);
    if (faults.length > 0) throw Problem.invalid(faults);
    const refusal = overreach(caller, {
      scopes: row.scopes,
      expiresAt: row.expiresAt?.getTime() ?? null,
      allowedIps: row.allowedIps,
    });
    if (refusal !== null) {
      event.reason = 'insufficient_scope';
      throw refusal;
    }
    const scopes = await this.scopes.named(caller, row.scopes);
    const secret = this.secrets.make({
      workspaceId: row.workspaceId,
      environment: row.environment,
      kind: 'token',
      ownerId: row.id,
      prefix: row.prefix,
    });
    row.hint = secret.hint;
    event.target = { type: 'token', id: row.id, name: row.name };
    await this.newRows.insert(event, record, [
      this.database.insertion(Scope, scopes, { ifFree: true }),
      this.database.insertion(CredentialSecret, [secret.row]),
      this.database.insertion(Token, [row]),
    ]);
    return { ...renderToken(row, [], UNUSED, now), token: secret.value };
  }

  /** The row as it will be, but for the hint; expiry and addresses left out are the issuing token's. */
  private draft(caller: Principal, body: IssueTokenDto, now: number): Token {
    const bounds = inherited(caller);
    const expiresAt = expiryOf(body, now) ?? impliedExpiry(bounds.expiresAt, caller.workspace, now);
    const notBefore = body.not_before == null ? null : instant(body.not_before);
    const parent = caller.credential.kind === 'token' ? caller.credential : null;
    return Object.assign(new Token(), {
      id: newHandle('token', now),
      workspaceId: caller.workspace.id,
      environment: caller.environment,
      name: body.name,
      description: body.description ?? null,
      subject: body.subject ?? null,
      scopes: body.scopes,
      enabled: true,
      activeSince: null,
      suspendedAt: null,
      suspendedReason: null,
      prefix: body.prefix ?? caller.workspace.defaultPrefix ?? DEFAULT_PREFIX,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      notBefore: notBefore === null ? null : new Date(notBefore),
      createdAt: new Date(now),
      ...createdBy(caller),
      parentId: parent?.id ?? null,
      lineage: parent === null ? [] : [parent.id, ...parent.lineage],
      allowedIps: canonicalRanges(body.allowed_ips ?? bounds.allowedIps),
      ...rateColumns(body.rate_limit),
      maxUses: body.max_uses ?? null,
      metadata: body.metadata ?? {},
      revokedAt: null,
      revokedReason: null,
      rotatedAt: null,
      previousExpiresAt: null,
      previousHint: null,
    });
  }
}

/** What is wrong with times that were well-formed, once it is known what they come to. Pure. */
function faultsOf(caller: Principal, body: IssueTokenDto, row: Token, now: number): Fault[] {
  const expiresAt = row.expiresAt?.getTime() ?? null;
  const expiry = expiryFault(expiresAt, caller.workspace, now);
  const field = body.expires_in == null ? 'expires_at' : 'expires_in';
  const isTooEarly = row.notBefore !== null && expiresAt !== null && row.notBefore.getTime() >= expiresAt;
  return [
    ...(expiry === null ? [] : [{ field, message: expiry }]),
    ...(isTooEarly ? [{ field: 'not_before', message: 'must be before the expiry' }] : []),
  ];
}

/** The expiry the body asks for, in Unix milliseconds. Pure. */
function expiryOf(body: IssueTokenDto, now: number): number | null {
  if (body.expires_in != null) return now + body.expires_in * 1000;
  return body.expires_at == null ? null : instant(body.expires_at);
}
