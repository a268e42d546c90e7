import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Problem } from '../platform/errors/problem.js';
import { covers } from '../scopes/covers.js';
import { mayActOn } from '../tokens/authority.js';
import { Revocation } from '../tokens/revocation.js';
import { isRotatedOut } from '../verification/verdict.js';
import type { RevokeDto } from './introspection.dto.js';
import { PresentedTokens, realmOf } from './presented-tokens.js';
import { IssuedJwts } from './statuses/issued-jwts.js';

/** Token revocation (RFC 7009): by value, and without a word on whether the value was known. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly presented: PresentedTokens,
    private readonly revocation: Revocation,
    private readonly issued: IssuedJwts,
    private readonly clock: Clock,
  ) {}

  /**
   * Revokes a token with its descendants, or a JWT alone. A value that rotation has ended revokes nothing: the token
   * lives on under another one.
   *
   * @throws Problem `forbidden` to a token that may not: it may give up itself and its own JWTs, and with
   *   `tokens:write` what it has issued.
   */
  async revoke(
    caller: Principal,
    body: RevokeDto,
    event: AuditDraft,
    started?: Promise<CredentialFacts | null>,
  ): Promise<void> {
    const realm = realmOf(caller);
    const { token, jwt } = await this.presented.judge(caller, body.token, null, started);
    const refusal = refusalOf(caller, token);
    if (token !== null) event.target = { type: 'token', id: token.id, name: token.name };
    event.details = { known: token !== null };
    if (refusal !== null) {
      event.reason = 'insufficient_scope';
      throw refusal;
    }
    if (token === null) return;
    if (jwt !== null) {
      const { jti } = jwt.row;
      event.details = { jti, revoked: (await this.issued.revoke(realm, jti)) ? 1 : 0 };
      return;
    }
    if (isRotatedOut(token, this.clock.now())) return;
    const { at, ids } = await this.revocation.family(realm, token.id, null);
    event.details = { reason: null, revoked: ids.length, revoked_ids: ids.slice(0, MAX_NAMED) };
    if (ids.includes(token.id)) {
      event.changes = [{ field: 'revoked_at', from: null, to: at.toISOString() }];
    }
  }
}

/** An event names so many of the tokens it has ended, and counts the rest. */
const MAX_NAMED = 100;

/** Who lacks the scope learns nothing of a value that is not its own, not even whether there is such a token. Pure. */
function refusalOf(caller: Principal, token: TokenCredential | null): Problem | null {
  if (caller.scopes === '*' || token?.id === caller.id) return null;
  if (!covers(caller.scopes, 'tokens:write')) {
    return Problem.forbidden('The token lacks the scope tokens:write', ['tokens:write']);
  }
  if (token === null || mayActOn(caller, { lineage: [...token.lineage], scopes: [...token.chain[0].scopes] }))
    return null;
  return Problem.forbidden('A token can act only on tokens issued by it', []);
}
