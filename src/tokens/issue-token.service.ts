import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { NewRows } from '../audit-log/new-rows.js';
import type { OpenRecord } from '../audit-log/open-record.js';
import { CredentialSecret } from '../credentials/credential-secret.entity.js';
import type { Principal } from '../credentials/principal.js';
import { SecretStore } from '../credentials/secret-store.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { Scope } from '../scopes/scope.entity.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { inherited, overreach } from './authority.js';
import { renderRate } from './rate-limit.dto.js';
import { Token } from './token.entity.js';
import { renderToken, UNUSED, type NewTokenDto } from './token-view.dto.js';
import { originOf, policyFaults, tokenRow } from './token-row.js';
import type { IssueTokenDto } from './tokens.dto.js';

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
    // Expiry and addresses left out are the issuing token's.
    const row = tokenRow(originOf(caller), body, inherited(caller), caller.workspace, now);
    event.details = {
      scopes: row.scopes,
      subject: row.subject,
      expires_at: row.expiresAt?.toISOString() ?? null,
      ...(row.maxUses !== null && { max_uses: row.maxUses }),
      ...(row.rateLimit !== null && { rate_limit: renderRate(row) }),
    };
    const faults = policyFaults(row, body, caller.workspace, now);
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
}
