import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import type { Principal } from '../credentials/principal.js';
import { parseAddress } from '../platform/addresses.js';
import { timeOfHandle } from '../platform/ids.js';
import { FormerValues } from './former-values.js';
import type { IntrospectDto, IntrospectionDto } from './introspection.dto.js';
import { Issuers } from './issuers.js';
import { endOf, startOf } from './lifetime.js';
import { PresentedTokens, type Presented } from './presented-tokens.js';

/**
 * Token introspection (RFC 7662). It looks and does not count: a use is counted by `POST /v1/tokens/verify`, but a
 * token whose uses are spent is not active.
 */
@Injectable()
export class IntrospectionService {
  constructor(
    private readonly presented: PresentedTokens,
    private readonly former: FormerValues,
    private readonly issuers: Issuers,
  ) {}

  /** @param started the look-up of the presented value, if the guard has begun it. */
  async introspect(
    caller: Principal,
    body: IntrospectDto,
    event: AuditDraft,
    started?: Promise<CredentialFacts | null>,
  ): Promise<IntrospectionDto> {
    const clientIp = body.client_ip ?? null;
    const found = await this.presented.judge(caller, body.token, clientIp, started);
    note(event, found, clientIp);
    if (found.token !== null && found.jwt === null) {
      await this.former.note(event, found.token, found.code, 'presented');
    }
    if (found.code !== 'valid' || found.token === null) return { active: false };
    return { ...this.ofToken(found.token, found.scopes), ...ofJwt(found) };
  }

  private ofToken(token: TokenCredential, scopes: readonly string[]): IntrospectionDto {
    const [end, start] = [endOf(token), startOf(token)];
    return {
      active: true,
      scope: scopes.join(' '),
      client_id: token.id,
      sub: token.subject ?? token.id,
      token_type: 'Bearer',
      ...(end !== null && { exp: seconds(end) }),
      iat: seconds(timeOfHandle(token.id)),
      ...(start !== null && { nbf: seconds(start) }),
      iss: this.issuers.of({ workspaceId: token.workspace.id, environment: token.environment }),
      jti: token.id,
    };
  }
}

function ofJwt({ jwt }: Presented): Partial<IntrospectionDto> {
  if (jwt === null) return {};
  const { jti, iat, aud } = jwt.read;
  return { jti, iat, aud: [aud].flat(), exp: seconds(jwt.row.expiresAt.getTime()) };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** What is not active is answered 200, but the log knows it as denied, and why. */
function note(event: AuditDraft, { code, token, jwt }: Presented, clientIp: string | null): void {
  if (code !== 'valid') {
    event.outcome = 'denied';
    event.reason = code;
  }
  if (token !== null) event.target = { type: 'token', id: token.id, name: token.name };
  event.details = {
    ...(token !== null && { hint: token.hint }),
    ...(jwt !== null && { jti: jwt.row.jti }),
    ...(clientIp !== null && { client_ip: parseAddress(clientIp) }),
  };
}
