import { Injectable } from '@nestjs/common';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import type { Principal } from '../credentials/principal.js';
import { SecretStore } from '../credentials/secret-store.js';
import { isExpired, isRevoked } from '../credentials/token-facts.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { overreach } from './authority.js';
import { expiryFault } from './policies/expiry-policy.js';
import { newExpiry, type RotateTokenDto } from './rotation.dto.js';
import { Token } from './token.entity.js';
import type { NewTokenDto, TokenDto } from './token-view.dto.js';
import { TokensService } from './tokens.service.js';

/**
 * Gives tokens new values (contract §5, rotate), with a grace in which the value before is valid too, so that nothing
 * stops while it is replaced everywhere. Of all values of a token at most two are valid at a time.
 */
@Injectable()
export class RotateTokenService {
  constructor(
    private readonly database: Database,
    private readonly tokens: TokensService,
    private readonly secrets: SecretStore,
    private readonly clock: Clock,
  ) {}

  async rotate(caller: Principal, id: string, body: RotateTokenDto, event: AuditDraft): Promise<NewTokenDto> {
    // Locked first: of two rotations at once the second replaces the value that the first has made.
    const before = await this.tokens.findForChange(caller, id, event);
    const { grace_period_seconds: grace } = body;
    event.details = { grace_period_seconds: grace };
    const chain = await this.tokens.chainOf(before);
    if (isRevoked(chain)) throw new Problem('conflict', 'The token is revoked, and that is final');
    if (isExpired(chain, this.clock.now()))
      throw new Problem('conflict', 'The token has expired; issue another one');
    const change = this.change(caller, before, body, event);
    const secret = await this.secrets.rotate(
      { ...before, kind: 'token', ownerId: id },
      change.previousExpiresAt?.getTime() ?? null,
    );
    const after = Object.assign(new Token(), before, change, { hint: secret.hint });
    const { hint, expiresAt, rotatedAt, previousExpiresAt, previousHint } = after;
    await this.database
      .rows(Token)
      .update({ id, ...own(before) }, { hint, expiresAt, rotatedAt, previousExpiresAt, previousHint });
    event.changes = changesBetween(told(before), told(after), ['hint', 'expires_at', 'previous_expires_at']);
    return { ...(await this.tokens.renderOne(after)), token: secret.value };
  }

  /** Ends the value before the current one now. Again, or with no grace to end, is no error. */
  async finish(caller: Principal, id: string, event: AuditDraft): Promise<TokenDto> {
    const before = await this.tokens.findForChange(caller, id, event);
    if (before.revokedAt !== null) throw new Problem('conflict', 'The token is revoked, and that is final');
    const now = this.clock.now();
    if (before.previousExpiresAt === null || before.previousExpiresAt.getTime() <= now) {
      return this.tokens.renderOne(before);
    }
    await this.secrets.endFormer(before.workspaceId, id);
    const after = Object.assign(new Token(), before, { previousExpiresAt: new Date(now) });
    await this.database
      .rows(Token)
      .update({ id, ...own(before) }, { previousExpiresAt: after.previousExpiresAt });
    event.changes = changesBetween(told(before), told(after), ['previous_expires_at']);
    return this.tokens.renderOne(after);
  }

  /** What of the row becomes different, but for the hint. */
  private change(
    caller: Principal,
    { notBefore, expiresAt, hint }: Token,
    body: RotateTokenDto,
    event: AuditDraft,
  ): Pick<Token, 'expiresAt' | 'rotatedAt' | 'previousExpiresAt' | 'previousHint'> {
    const now = this.clock.now();
    const end = newExpiry(body);
    const refusal = overreach(caller, { expiresAt: end });
    if (refusal !== null) {
      event.reason = 'insufficient_scope';
      throw refusal;
    }
    const fault = end === undefined ? null : expiryFault(end, caller.workspace, now);
    if (fault !== null) throw Problem.invalid([{ field: 'expires_at', message: fault }]);
    if (end != null && notBefore !== null && end <= notBefore.getTime()) {
      throw Problem.invalid([{ field: 'expires_at', message: 'must be after not_before' }]);
    }
    const graceEnd = body.grace_period_seconds === 0 ? null : now + body.grace_period_seconds * 1000;
    return {
      expiresAt: end === undefined ? expiresAt : asDate(end),
      rotatedAt: new Date(now),
      previousExpiresAt: asDate(graceEnd),
      previousHint: graceEnd === null ? null : hint,
    };
  }
}

function own({ workspaceId, environment }: Token): Pick<Token, 'workspaceId' | 'environment'> {
  return { workspaceId, environment };
}

function asDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

/** What an event tells of a rotation. Pure. */
function told(row: Token): { hint: string; expires_at: string | null; previous_expires_at: string | null } {
  return {
    hint: row.hint,
    expires_at: row.expiresAt?.toISOString() ?? null,
    previous_expires_at: row.previousExpiresAt?.toISOString() ?? null,
  };
}
