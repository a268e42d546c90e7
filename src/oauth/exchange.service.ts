import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { mayCallFrom } from '../credentials/calling-address.js';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Problem } from '../platform/errors/problem.js';
import { parseSecret } from '../platform/secrets/secret.js';
import { covers, effectiveScopes } from '../scopes/covers.js';
import { verdict } from '../verification/verdict.js';
import { AccessTokens } from './access-tokens.js';
import { FormerValues } from './former-values.js';
import { audienceOf, grantedScopes, readGrant } from './grant.js';
import { jwtEnd } from './lifetime.js';
import type { TokenAnswerDto, TokenRequestDto } from './token-request.dto.js';

/** Who asks at the token endpoint; nobody has to be known beforehand. */
export interface Asking {
  client: Principal | undefined;
  /** From where, for tokens with `allowed_ips` and for the workspace's own addresses. */
  ip: string;
}

/** Gives short-lived JWTs for tokens (RFC 8693; RFC 6749 §4.4): never more than the token has, and never for longer. */
@Injectable()
export class ExchangeService {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly jwts: AccessTokens,
    private readonly former: FormerValues,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws Problem `unsupported_grant_type`, `unauthorized`, `unauthorized_client`, `forbidden`, `invalid_request`,
   *   `invalid_scope`, `invalid_target`.
   */
  async give(body: TokenRequestDto, { client, ip }: Asking, event: AuditDraft): Promise<TokenAnswerDto> {
    const grant = readGrant(body);
    const audience = audienceOf(body);
    const token =
      grant.kind === 'client_credentials'
        ? ofClient(client, event)
        : await this.ofSubject(grant.subjectToken, client, ip, event);
    event.target = { type: 'token', id: token.id, name: token.name };
    const now = this.clock.now();
    if (!isHoldableOffline(token)) {
      throw refusal(
        'A token with max_uses, rate_limit or allowed_ips cannot be exchanged: who verifies offline cannot hold it to them',
      );
    }
    const held = effectiveScopes(token.chain.map((each) => each.scopes));
    const scopes = grantedScopes(held, body.scope);
    if (scopes === null) throw new Problem('invalid_scope', 'The token does not have the scope asked for');
    if (jwtEnd(token, body.expires_in, now) <= Math.floor(now / 1000))
      throw refusal('The token ends this second');
    const made = await this.jwts.issue(token, { scopes, audience, seconds: body.expires_in });
    event.details = {
      grant_type: body.grant_type,
      hint: token.hint,
      jti: made.jti,
      scopes,
      audience: made.audience,
      expires_at: new Date(made.exp * 1000).toISOString(),
    };
    return {
      access_token: made.value,
      ...(grant.kind === 'exchange' && { issued_token_type: grant.issuedType }),
      token_type: 'Bearer',
      expires_in: made.exp - made.iat,
      scope: scopes.join(' '),
    };
  }

  /** The token to exchange, if it holds and its presenter may exchange it. */
  private async ofSubject(
    value: string,
    client: Principal | undefined,
    ip: string,
    event: AuditDraft,
  ): Promise<TokenCredential> {
    const secret = parseSecret(value);
    const found = secret === null ? null : await this.lookup.find(secret);
    // Without a client the token itself is the credential, so that its workspace gets the event.
    if (client === undefined && found !== null) learn(event, found);
    if (found?.kind !== 'token' || !isOf(client, found)) {
      throw denied(event, secret === null ? 'malformed' : 'not_found');
    }
    event.target = { type: 'token', id: found.id, name: found.name };
    const isOwn = client === undefined || client.id === found.id;
    if (!isOwn && client.scopes !== '*' && !covers(client.scopes, 'tokens:verify')) {
      event.reason = 'insufficient_scope';
      throw Problem.forbidden('The token lacks the scope tokens:verify', ['tokens:verify']);
    }
    const ask = { scopes: [], clientIp: isOwn ? ip : null };
    const { code: judged } = verdict(found.chain, ask, found, this.clock.now());
    const isElsewhere = client === undefined && !mayCallFrom(found.workspace, ip);
    const code = judged === 'valid' && isElsewhere ? 'ip_not_allowed' : judged;
    const refused = code === 'valid' ? null : denied(event, code);
    await this.former.note(event, found, code, client === undefined ? 'caller' : 'presented');
    if (refused !== null) throw refused;
    return found;
  }
}

function ofClient(client: Principal | undefined, event: AuditDraft): TokenCredential {
  if (client === undefined) {
    event.reason = 'missing_credential';
    throw new Problem('unauthorized', 'Invalid or missing API key', {
      headers: { 'www-authenticate': 'Basic realm="tooken"' },
    });
  }
  if (client.credential.kind === 'token') return client.credential;
  throw new Problem('unauthorized_client', 'An API key has no scopes to give; use a token');
}

/** RFC 8693 §2.2.2: whatever is wrong with the token, the same error for all of it. */
function refusal(message: string): Problem {
  return Problem.invalid([{ field: 'subject_token', message }]);
}

function denied(event: AuditDraft, reason: string): Problem {
  event.outcome = 'denied';
  event.reason = reason;
  return refusal('is not a token that holds');
}

function learn(event: AuditDraft, found: CredentialFacts): void {
  event.workspaceId = found.workspace.id;
  event.environment = found.environment;
  event.actor = { type: found.kind, id: found.id, name: found.name, hint: found.hint };
}

function isOf(client: Principal | undefined, found: TokenCredential): boolean {
  return (
    client === undefined ||
    (client.workspace.id === found.workspace.id && client.environment === found.environment)
  );
}

/** Uses and addresses are judged where a token is presented, which is where we are not asked any more. */
function isHoldableOffline({ chain }: TokenCredential): boolean {
  return chain.every(({ limits, allowedIps }) => limits === null && allowedIps === null);
}
