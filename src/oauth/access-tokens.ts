import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactVerify, importJWK, SignJWT } from 'jose';
import type { TokenCredential } from '../credentials/credential-facts.js';
import { Clock } from '../platform/clock.js';
import { Issuers, type Realm } from './issuers.js';
import { KeyRing } from './keys/key-ring.js';
import { jwtEnd } from './lifetime.js';
import { IssuedJwts } from './statuses/issued-jwts.js';

/** What goes into a JWT besides what its token says. */
export interface Wanted {
  scopes: readonly string[];
  audience: readonly string[];
  /** At most so many seconds of life. */
  seconds: number;
}

/** A JWT just made: it is shown in one answer and kept nowhere. */
export interface NewAccessToken {
  value: string;
  jti: string;
  /** Unix seconds. */
  iat: number;
  exp: number;
  audience: readonly string[];
}

/** What is read from a JWT that we have signed. */
export interface ReadAccessToken {
  jti: string;
  iat: number;
  aud: string | string[];
}

const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Whether a presented value has the form of a JWT; no secret of ours has. */
export function looksLikeJwt(value: string): boolean {
  return FORM.test(value);
}

/** Makes and reads the JWTs that tokens are exchanged for (RFC 9068). */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: KeyRing,
    private readonly issued: IssuedJwts,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
  ) {}

  /**
   * @param token as it was presented: the JWT ends with the token, and with this value of it.
   * @param wanted scopes that the token has, and an audience; without one it is the issuer.
   */
  async issue(token: TokenCredential, wanted: Wanted): Promise<NewAccessToken> {
    const now = this.clock.now();
    const [iat, exp] = [Math.floor(now / 1000), jwtEnd(token, wanted.seconds, now)];
    const realm: Realm = { workspaceId: token.workspace.id, environment: token.environment };
    const iss = this.issuers.of(realm);
    const audience = wanted.audience.length === 0 ? [iss] : wanted.audience;
    const jti = randomUUID();
    const { listId, idx } = await this.issued.add({
      ...realm,
      jti,
      tokenId: token.id,
      secretHash: Buffer.from(token.hash, 'hex'),
      scopes: [...wanted.scopes],
      expiresAt: new Date(exp * 1000),
    });
    const { kid, key } = await this.keys.signer();
    const value = await new SignJWT({
      client_id: token.id,
      scope: wanted.scopes.join(' '),
      workspace: realm.workspaceId,
      environment: realm.environment,
      status: { status_list: { idx, uri: this.issuers.statusList(listId) } },
    })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setIssuer(iss)
      .setSubject(token.subject ?? token.id)
      .setAudience(audience.length === 1 ? audience[0]! : [...audience])
      .setIssuedAt(iat)
      .setExpirationTime(exp)
      .setJti(jti)
      .sign(key);
    return { value, jti, iat, exp, audience };
  }

  /** What a JWT says, if one of our keys has signed it as an access token; its time is not judged here. */
  async read(value: string): Promise<ReadAccessToken | null> {
    const known = await this.keys.publicKeys();
    try {
      const { payload, protectedHeader } = await compactVerify(
        value,
        async ({ kid }) => {
          const jwk = known.find((each) => each.kid === kid);
          if (jwk === undefined) throw new Error('signed with no key of ours');
          return importJWK({ ...jwk }, 'ES256');
        },
        { algorithms: ['ES256'] },
      );
      if (protectedHeader.typ !== 'at+jwt') return null;
      return JSON.parse(Buffer.from(payload).toString('utf8')) as ReadAccessToken;
    } catch {
      return null;
    }
  }
}
