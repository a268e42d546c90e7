import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { inflateSync } from 'node:zlib';
import { World } from '../support/world.js';
import { exchanged, postForm, proxyTo, PUBLIC_URL, publishedKeys } from './oauth-client.js';

const DAY_MS = 86_400_000;

interface StatusClaims extends JWTPayload {
  status: { status_list: { idx: number; uri: string } };
}
interface ListClaims extends JWTPayload {
  ttl: number;
  status_list: { bits: number; lst: string };
}

/** A verifier that asks nobody whether a JWT holds. */
describe('offline verification', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_PUBLIC_URL: PUBLIC_URL } });
    world.clock.hold(Date.parse('2026-12-01T00:00:00Z'));
  });
  afterEach(() => world.close());

  const verified = (jwt: string, typ = 'at+jwt') =>
    jwtVerify(jwt, publishedKeys(world), { typ, currentDate: new Date(world.clock.now()) });

  /** As the draft has a verifier do it (§8.3), with nothing of ours. */
  async function isRevoked(jwt: string, instance = 0): Promise<boolean> {
    const { idx, uri } = ((await verified(jwt)).payload as StatusClaims).status.status_list;
    const answer = await proxyTo(world, instance)(uri);
    expect(answer.headers.get('content-type')).toBe('application/statuslist+jwt');
    const { payload } = await verified(await answer.text(), 'statuslist+jwt');
    const list = payload as ListClaims;
    expect(list.sub).toBe(uri);
    const bytes = inflateSync(Buffer.from(list.status_list.lst, 'base64url'));
    expect(list.status_list.bits).toBe(1);
    return ((bytes[idx >> 3]! >> (idx & 7)) & 1) === 1;
  }

  it('learns of every end of a JWT or of what it was made from, from the very next list of any instance', async () => {
    const parent = await world.token({ scopes: ['tokens:write', 'things:*'] });
    const child = async () => world.token({ scopes: ['things:*'] }, world.as(parent.token));
    const ends: Record<string, (id: string, jwt: string) => Promise<unknown>> = {
      'the JWT is revoked': (_id, jwt) =>
        postForm(world, '/oauth/revoke', { token: jwt }, `Bearer ${world.rootKey}`),
      'its token is revoked': (id) => world.root.delete(`/v1/tokens/${id}`),
      'its token is disabled': (id) => world.root.patch(`/v1/tokens/${id}`, { enabled: false }),
      'its token is rotated': (id) => world.root.post(`/v1/tokens/${id}/rotate`),
      'its token is narrowed': (id) => world.root.patch(`/v1/tokens/${id}`, { scopes: ['things:read'] }),
      'its token is bound to addresses': (id) =>
        world.root.patch(`/v1/tokens/${id}`, { allowed_ips: ['203.0.113.0/24'] }),
    };
    const untouched = await exchanged(world, (await child()).token);
    for (const [how, end] of Object.entries(ends)) {
      const { id, token } = await child();
      const jwt = await exchanged(world, token, { scope: 'things:write' });
      expect({ how, revoked: await isRevoked(jwt) }).toEqual({ how, revoked: false });
      await end(id, jwt);
      for (const instance of [0, 1]) {
        expect({ how, revoked: await isRevoked(jwt, instance) }).toEqual({ how, revoked: true });
      }
    }
    expect(await isRevoked(untouched)).toBe(false);
    await world.root.patch(`/v1/tokens/${parent.id}`, { enabled: false });
    expect(await isRevoked(untouched)).toBe(true);
    await world.root.patch(`/v1/tokens/${parent.id}`, { enabled: true });
    expect(await isRevoked(untouched)).toBe(false);
    await world.root.delete(`/v1/tokens/${parent.id}`);
    expect(await isRevoked(untouched)).toBe(true);
  });

  it('is told how long a list may be used, which is a minute at most', async () => {
    const { uri } = decodeJwt<StatusClaims>(await exchanged(world, (await world.token()).token)).status
      .status_list;
    const list = decodeJwt<ListClaims>(await (await proxyTo(world)(uri)).text());
    expect(list.ttl).toBe(30);
    expect(list.exp! - list.iat!).toBe(60);
    expect(
      (await proxyTo(world)(`${PUBLIC_URL}/.well-known/tooken/status-lists/${'0'.repeat(32)}`)).status,
    ).toBe(404);
  });

  it('gives every JWT a place of its own, and lists of their own to workspaces and environments', async () => {
    const other = world.as((await world.workspace('Other')).key);
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const places: string[] = [];
    const lists = new Set<string>();
    for (const by of [world.root, other, test]) {
      const { token } = await world.token({}, by);
      for (let i = 0; i < 3; i++) {
        const { idx, uri } = decodeJwt<StatusClaims>(await exchanged(world, token)).status.status_list;
        places.push(`${uri} ${String(idx)}`);
        lists.add(uri);
      }
    }
    expect(new Set(places).size).toBe(9);
    expect(lists.size).toBe(3);
  });

  it('never finds a JWT that outlives its token, an ancestor of it, or an hour', async () => {
    const at = (seconds: number): string => new Date(world.clock.now() + seconds * 1000 + 999).toISOString();
    const now = world.clock.now() / 1000;
    const parent = await world.token({ scopes: ['tokens:write', 'things:read'], expires_at: at(100) });
    const cases: [string, string, number][] = [
      [(await world.token()).token, '3600', 3600],
      [(await world.token({ expires_at: at(200) })).token, '3600', 200],
      [(await world.token({}, world.as(parent.token))).token, '3600', 100],
      [(await world.token({ expires_at: at(50) }, world.as(parent.token))).token, '3600', 50],
      [(await world.token({ expires_at: at(200) })).token, '10', 10],
    ];
    for (const [token, wanted, lasts] of cases) {
      const { iat, exp } = decodeJwt(await exchanged(world, token, { expires_in: wanted }));
      expect([iat! - now, exp! - now]).toEqual([0, lasts]);
    }
    const rotated = await world.token();
    await world.root.post(`/v1/tokens/${rotated.id}/rotate`, { grace_period_seconds: 30 });
    const inGrace = decodeJwt(await exchanged(world, rotated.token, { expires_in: '3600' }));
    expect(inGrace.exp! - now).toBe(30);
    const { token } = await world.token({ expires_at: at(0) });
    await expect(exchanged(world, token)).rejects.toThrow('400');
  });

  it('outlives the rotation of the signing key, which is published a day before it signs', async () => {
    const { token } = await world.token();
    const kidOf = async (): Promise<unknown> => decodeProtectedHeader(await exchanged(world, token)).kid;
    const keysOf = async (instance = 0): Promise<string[]> => {
      const answer = await proxyTo(world, instance)(`${PUBLIC_URL}/.well-known/jwks.json`);
      return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    const first = await kidOf();
    expect(await keysOf()).toEqual([first]);

    world.clock.advance(29 * DAY_MS);
    await Promise.all([0, 1, 0, 1].map(keysOf));
    const one = await keysOf(0);
    expect(one).toHaveLength(2);
    expect(await keysOf(1)).toEqual(one);
    expect(await kidOf()).toBe(first);

    world.clock.advance(DAY_MS - 1000);
    const last = await exchanged(world, token, { expires_in: '3600' });
    expect(decodeProtectedHeader(last).kid).toBe(first);
    world.clock.advance(1000);
    const second = await kidOf();
    expect(second).toBe(one.find((kid) => kid !== first));
    world.clock.advance(3_500_000);
    await verified(last);
    const told = await postForm(world, '/oauth/introspect', { token: last }, `Bearer ${world.rootKey}`);
    expect(told.body.active).toBe(true);

    world.clock.advance(2 * 3_600_000);
    expect(await keysOf()).toEqual([second]);
    await expect(verified(last)).rejects.toThrow();
  });

  it('works as docs/standards.md tells others to do it', async () => {
    world.clock.hold(Date.now());
    const { token } = await world.token();
    const audience = 'https://api.example.com';
    const jwt = await exchanged(world, token, { audience });
    const verify = documentedVerifier({
      ...{ inflateSync, createRemoteJWKSet, jwtVerify, fetch: proxyTo(world) },
      ...{ url: world.urls[0]!, issuer: decodeJwt(jwt).iss!, audience },
    });
    expect(await verify(jwt)).toMatchObject({ scope: 'things:read' });
    const doomed = await exchanged(world, (await world.token()).token, { audience });
    await postForm(world, '/oauth/revoke', { token: doomed }, `Bearer ${world.rootKey}`);
    const fresh = documentedVerifier({
      ...{ inflateSync, createRemoteJWKSet, jwtVerify, fetch: proxyTo(world) },
      ...{ url: world.urls[0]!, issuer: decodeJwt(jwt).iss!, audience },
    });
    await expect(fresh(doomed)).rejects.toThrow('revoked');
    await expect(verify(await exchanged(world, token))).rejects.toThrow('aud');
  });

  it('forgets JWTs that are over as new ones come', async () => {
    const { token } = await world.token();
    for (let i = 0; i < 3; i++) await exchanged(world, token, { expires_in: '60' });
    world.clock.advance(660_001);
    const jwt = await exchanged(world, token);
    const rows = await world.database.query<{ jti: string }>('select jti from oauth_issued_jwts');
    expect(rows).toEqual([{ jti: decodeJwt(jwt).jti }]);
  });
});

/** The page's code, with what it imports and what its reader has to fill in. */
function documentedVerifier(given: Record<string, unknown>): (jwt: string) => Promise<JWTPayload> {
  const page = readFileSync('docs/standards.md', 'utf8');
  const [, code = ''] = /```js\n([^]*?)```/.exec(page) ?? [];
  const body = code.replace(/^import .*$/gm, '').replace('export async', 'async');
  const make = compileFunction(`${body}; return verify;`, Object.keys(given)) as (
    ...values: unknown[]
  ) => (jwt: string) => Promise<JWTPayload>;
  return make(...Object.values(given));
}
