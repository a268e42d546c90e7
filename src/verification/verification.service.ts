import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import type { Principal } from '../credentials/principal.js';
import { parseAddress } from '../platform/addresses.js';
import { Clock } from '../platform/clock.js';
import { parseSecret } from '../platform/secrets/secret.js';
import type {
  VerificationBatchDto,
  VerificationDto,
  VerifyBatchDto,
  VerifyTokenDto,
} from './verification.dto.js';
import { verdict, type VerifyCode } from './verdict.js';

/** Says whether a presented token holds, from the database and from nowhere else (contract §5, Verify). */
@Injectable()
export class VerificationService {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly clock: Clock,
  ) {}

  /** @param presented the look-up of the body's token, if the guard has started it. */
  async verify(
    caller: Principal,
    body: VerifyTokenDto,
    event: AuditDraft,
    presented?: Promise<CredentialFacts | null>,
  ): Promise<VerificationDto> {
    const secret = parseSecret(body.token);
    const found = secret === null ? null : await (presented ?? this.lookup.find(secret));
    const token = found !== null && belongsTo(caller, found) ? found : null;
    if (token === null) {
      const code = secret === null ? 'malformed' : 'not_found';
      note(event, body, code);
      return { valid: false, code, event_id: event.id };
    }
    const ask = { scopes: body.scopes ?? [], clientIp: body.client_ip ?? null };
    const { code, scopes, missingScopes } = verdict(token.chain, ask, token, this.clock.now());
    event.target = { type: 'token', id: token.id, name: token.name };
    note(event, body, code, { hint: token.hint, missing: missingScopes });
    return {
      valid: code === 'valid',
      code,
      token_id: token.id,
      name: token.name,
      subject: token.subject,
      scopes,
      ...(missingScopes !== undefined && { missing_scopes: missingScopes }),
      environment: token.environment,
      expires_at: expiryOf(token),
      metadata: token.metadata,
      uses_remaining: token.chain[0].usesRemaining,
      rate_limit: null,
      event_id: event.id,
    };
  }

  async verifyBatch(
    caller: Principal,
    body: VerifyBatchDto,
    event: AuditDraft,
  ): Promise<VerificationBatchDto> {
    // Started together, so that all look-ups share one statement.
    return { results: await Promise.all(body.items.map((item) => this.verify(caller, item, event.item()))) };
  }
}

function belongsTo(caller: Principal, found: CredentialFacts): found is TokenCredential {
  return (
    found.kind === 'token' &&
    found.workspace.id === caller.workspace.id &&
    found.environment === caller.environment
  );
}

/** The earliest of its own and its ancestors' expiry: the moment at which it is over. */
function expiryOf(token: TokenCredential): string | null {
  const ends = token.chain.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
  if (token.validUntil !== null) ends.push(token.validUntil);
  return ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
}

/**
 * A verification that is refused is answered 200, but the log knows it as denied. Of a token that is known it also knows
 * by which of its values it was presented: a rotated one has several.
 */
function note(
  event: AuditDraft,
  body: VerifyTokenDto,
  code: VerifyCode,
  { hint, missing }: { hint?: string; missing?: readonly string[] | undefined } = {},
): void {
  if (code !== 'valid') {
    event.outcome = 'denied';
    event.reason = code;
  }
  event.details = {
    ...(hint !== undefined && { hint }),
    ...(body.scopes !== undefined && { required_scopes: body.scopes }),
    ...(missing !== undefined && { missing_scopes: missing }),
    ...(body.client_ip != null && { client_ip: parseAddress(body.client_ip) }),
    ...(body.user_agent != null && { user_agent: body.user_agent }),
    ...(body.operation != null && { operation: body.operation }),
  };
}
