import { Injectable } from '@nestjs/common';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import { CredentialsByHash } from '../credentials/credentials-by-hash.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { parseSecret } from '../platform/secrets/secret.js';
import { verdict, type VerifyCode } from '../verification/verdict.js';
import { AccessTokens, looksLikeJwt, type ReadAccessToken } from './access-tokens.js';
import type { Realm } from './issuers.js';
import type { IssuedJwt } from './statuses/issued-jwt.entity.js';
import { IssuedJwts } from './statuses/issued-jwts.js';

/** A JWT of ours, with what is kept of it. */
export interface PresentedJwt {
  read: ReadAccessToken;
  row: IssuedJwt;
}

/** A presented value, a token's or a JWT made from one, and whether it holds. */
export interface Presented {
  code: VerifyCode;
  /** The token, or that from which the JWT was made; null when it is not known in this realm. */
  token: TokenCredential | null;
  jwt: PresentedJwt | null;
  /** What it permits. */
  scopes: readonly string[];
}

/** Says whose a presented value is and whether it holds, from the database and from nowhere else. */
@Injectable()
export class PresentedTokens {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly byHash: CredentialsByHash,
    private readonly jwts: AccessTokens,
    private readonly issued: IssuedJwts,
    private readonly clock: Clock,
  ) {}

  /**
   * @param caller what belongs to another workspace or environment is not found.
   * @param clientIp from where it was presented to the caller, for tokens with `allowed_ips`.
   * @param started the look-up of the value, if it is under way.
   */
  async judge(
    caller: Principal,
    value: string,
    clientIp: string | null,
    started?: Promise<CredentialFacts | null>,
  ): Promise<Presented> {
    const realm = realmOf(caller);
    if (looksLikeJwt(value)) return this.judgeJwt(realm, value, clientIp);
    const secret = parseSecret(value);
    const found = secret === null ? null : await (started ?? this.lookup.find(secret));
    const isOwn = found !== null && isTokenOf(realm, found);
    const token = isOwn ? found : await this.lookup.findImported(caller, value);
    if (token === null) return unknown(secret === null ? 'malformed' : 'not_found');
    const { code, scopes } = verdict(token.chain, { scopes: [], clientIp }, token, this.clock.now());
    return { code, token, jwt: null, scopes };
  }

  private async judgeJwt(realm: Realm, value: string, clientIp: string | null): Promise<Presented> {
    const read = await this.jwts.read(value);
    if (read === null) return unknown('malformed');
    const row = await this.issued.find(realm, read.jti);
    if (row === null) return unknown('not_found');
    const { scopes } = row;
    const hash = row.secretHash.toString('hex');
    const token = (await this.byHash.find([hash])).get(hash);
    if (token === undefined || !isTokenOf(realm, token)) return unknown('not_found');
    const known = { token, jwt: { read, row }, scopes };
    if (row.revokedAt !== null) return { ...known, code: 'revoked' };
    const now = this.clock.now();
    if (row.expiresAt.getTime() <= now) return { ...known, code: 'expired' };
    return { ...known, code: verdict(token.chain, { scopes, clientIp }, token, now).code };
  }
}

function unknown(code: VerifyCode): Presented {
  return { code, token: null, jwt: null, scopes: [] };
}

function isTokenOf(realm: Realm, found: CredentialFacts): found is TokenCredential {
  return (
    found.kind === 'token' &&
    found.workspace.id === realm.workspaceId &&
    found.environment === realm.environment
  );
}

/** The realm a caller belongs to, which is all it may ask about. */
export function realmOf(caller: Principal): Realm {
  return { workspaceId: caller.workspace.id, environment: caller.environment };
}
