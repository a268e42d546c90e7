import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { World } from '../support/world.js';
import {
  ACCESS_TOKEN,
  discovered,
  EXCHANGE,
  exchanged,
  options,
  proxyTo,
  PUBLIC_URL,
  publishedKeys,
} from './oauth-client.js';

describe('a client that knows nothing but the standards', () => {
  let world: World;
  let server: oauth.AuthorizationServer;
  let workspace: string;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_PUBLIC_URL: PUBLIC_URL } });
    server = await discovered(world);
    const { body } = await world.root.get<{ workspace: { id: string } }>('/v1/me');
    workspace = body.workspace.id;
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  const withKey = () => ({
    client: { client_id: 'default' },
    auth: oauth.ClientSecretBasic(world.rootKey),
  });

  it('finds everything by RFC 8414, also of its workspace alone', async () => {
    expect(server.issuer).toBe(PUBLIC_URL);
    const own = await discovered(world, `${PUBLIC_URL}/${workspace}/live`);
    expect(own).toEqual({ ...server, issuer: `${PUBLIC_URL}/${workspace}/live` });
  });

  describe('introspects', () => {
    const introspect = async (token: string, { client, auth } = withKey()) =>
      oauth.processIntrospectionResponse(
        server,
        client,
        await oauth.introspectionRequest(server, client, auth, token, options(world)),
      );

    it('a token, and learns what it may do and until when', async () => {
      world.clock.hold(Date.parse('2026-12-01T00:00:00Z'));
      const token = await world.token({
        scopes: ['things:read', 'things:write'],
        subject: 'partner_42',
        expires_in: 3600,
      });
      expect(await introspect(token.token)).toEqual({
        active: true,
        scope: 'things:read things:write',
        client_id: token.id,
        sub: 'partner_42',
        token_type: 'Bearer',
        iat: Date.parse('2026-12-01T00:00:00Z') / 1000,
        exp: Date.parse('2026-12-01T01:00:00Z') / 1000,
        iss: `${PUBLIC_URL}/${workspace}/live`,
        jti: token.id,
      });
    });

    it('a JWT, and learns the same of it', async () => {
      const { id, token } = await world.token({ scopes: ['things:read', 'things:write'] });
      const jwt = await exchanged(world, token, { scope: 'things:read', audience: 'billing' });
      const { iat, exp, jti, iss } = decodeJwt(jwt);
      expect(await introspect(jwt)).toEqual({
        ...{ active: true, scope: 'things:read', client_id: id, sub: id, token_type: 'Bearer' },
        ...{ iat, exp, jti, iss, aud: ['billing'] },
      });
    });

    it('with its secret in the form as well', async () => {
      const { id, key } = await world.apiKey();
      const { token } = await world.token();
      const asking = { client: { client_id: id }, auth: oauth.ClientSecretPost(key) };
      expect(await introspect(token, asking)).toMatchObject({ active: true });
    });

    it('whatever does not hold for it, and learns nothing but that', async () => {
      const dead = await world.token();
      await world.root.delete(`/v1/tokens/${dead.id}`);
      const other = await world.workspace('Other');
      const foreign = await world.token({}, world.as(other.key));
      const spent = await world.token({ max_uses: 1 });
      await world.verify(spent.token);
      const bound = await world.token({ allowed_ips: ['203.0.113.0/24'] });
      const inactive = [
        dead.token,
        spent.token,
        foreign.token,
        bound.token,
        'nonsense',
        'a.b.c',
        world.rootKey,
      ];
      for (const token of inactive) expect(await introspect(token)).toEqual({ active: false });
    });
  });

  it('revokes a token by RFC 7009, and with it what was issued by it and made from it', async () => {
    const parent = await world.token({ scopes: ['tokens:write', 'things:read'] });
    const child = await world.token({}, world.as(parent.token));
    const jwt = await exchanged(world, child.token);
    const { client, auth } = withKey();
    for (const value of [parent.token, parent.token, 'nonsense']) {
      const answer = await oauth.revocationRequest(server, client, auth, value, options(world));
      await oauth.processRevocationResponse(answer);
    }
    for (const { token } of [parent, child]) {
      expect(await world.verify(token)).toMatchObject({ code: 'revoked' });
    }
    const answer = await oauth.introspectionRequest(server, client, auth, jwt, options(world));
    expect(await oauth.processIntrospectionResponse(server, client, answer)).toEqual({ active: false });
  });

  it('gets a JWT by client credentials, the token being its secret, that others verify offline', async () => {
    const { id, token } = await world.token({ subject: 'partner_42', scopes: ['things:read', 'more:*'] });
    const client = { client_id: id };
    for (const auth of [oauth.ClientSecretBasic(token), oauth.ClientSecretPost(token)]) {
      const answer = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        auth,
        { scope: 'more:things', resource: 'https://api.example.com/' },
        options(world),
      );
      const got = await oauth.processClientCredentialsResponse(server, client, answer);
      expect(got).toMatchObject({ token_type: 'bearer', expires_in: 900, scope: 'more:things' });

      const issuer = `${PUBLIC_URL}/${workspace}/live`;
      const { payload } = await jwtVerify(got.access_token, publishedKeys(world), {
        ...{ issuer, audience: 'https://api.example.com/', typ: 'at+jwt', algorithms: ['ES256'] },
        currentDate: new Date(world.clock.now()),
      });
      expect(payload).toMatchObject({
        ...{ sub: 'partner_42', client_id: id, scope: 'more:things', workspace, environment: 'live' },
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
  });

  it('is believed by a resource server of RFC 9068 that knows its issuer', async () => {
    const { token } = await world.token();
    const issuer = await discovered(world, `${PUBLIC_URL}/${workspace}/live`);
    const jwt = await exchanged(world, token, { audience: 'https://api.example.com' });
    const request = new Request('https://api.example.com/', { headers: { authorization: `Bearer ${jwt}` } });
    const skew = Math.round((world.clock.now() - Date.now()) / 1000);
    const validate = (as: oauth.AuthorizationServer) =>
      oauth.validateJwtAccessToken(as, request, 'https://api.example.com', {
        ...options(world),
        [oauth.clockSkew]: skew,
      });
    expect(await validate(issuer)).toMatchObject({ scope: 'things:read' });
    const other = await world.workspace('Another');
    for (const name of [`${workspace}/test`, `${other.id}/live`]) {
      await expect(validate(await discovered(world, `${PUBLIC_URL}/${name}`))).rejects.toThrow();
    }
  });

  it('exchanges a token by RFC 8693, as its holder or as a gateway that may verify', async () => {
    const { id, token } = await world.token();
    const gateway = await world.token({ scopes: ['tokens:verify'] });
    const asking: [oauth.Client, oauth.ClientAuth][] = [
      [{ client_id: id }, oauth.None()],
      [{ client_id: gateway.id }, oauth.ClientSecretBasic(gateway.token)],
      [{ client_id: 'default' }, oauth.ClientSecretBasic(world.rootKey)],
      [{ client_id: id }, oauth.ClientSecretBasic(token)],
    ];
    for (const [client, auth] of asking) {
      const answer = await oauth.genericTokenEndpointRequest(
        server,
        client,
        auth,
        EXCHANGE,
        { subject_token: token, subject_token_type: ACCESS_TOKEN, expires_in: '60' },
        options(world),
      );
      const got = await oauth.processGenericTokenEndpointResponse(server, client, answer);
      expect(got).toMatchObject({ issued_token_type: ACCESS_TOKEN, expires_in: 60, scope: 'things:read' });
      expect(decodeProtectedHeader(got.access_token)).toEqual({
        ...{ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) },
      });
      expect(decodeJwt(got.access_token)).toMatchObject({ client_id: id });
    }
  });

  it('reads keys that hold nothing private, and gets to them without a credential or an event', async () => {
    const before = await world.database.query('select count(*) from audit_events');
    const answer = await proxyTo(world)(`${PUBLIC_URL}/.well-known/jwks.json`);
    const { keys } = (await answer.json()) as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(await world.database.query('select count(*) from audit_events')).toEqual(before);
  });
});
