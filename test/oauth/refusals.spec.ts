import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { unissued } from '../support/secret-format.js';
import { stored } from '../bad-input/stored.js';
import { World } from '../support/world.js';
import { ACCESS_TOKEN, EXCHANGE, exchanged, postForm } from './oauth-client.js';

const bearer = (secret: string): string => `Bearer ${secret}`;
const basic = (name: string, secret: string): string => `Basic ${btoa(`${name}:${secret}`)}`;

describe('below /oauth', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  /** The error of RFC 6749 §5.2 beside ours, and the one event it left. */
  async function expectError(
    answer: Answer,
    status: number,
    error: string,
    event: { outcome: string; reason: string; actor_id?: string | null },
  ): Promise<void> {
    expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
    expect(answer.body.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(answer.body.request_id).toBe(answer.requestId);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    await expect(answer).toHaveAudited(world, event as never);
  }

  const exchange = (parameters: Record<string, string>, authorization?: string): Promise<Answer> =>
    postForm(
      world,
      '/oauth/token',
      { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN, ...parameters },
      authorization,
    );

  describe.each(['/oauth/introspect', '/oauth/revoke', '/oauth/token'])('%s', (path) => {
    const well = { token: 'x', grant_type: EXCHANGE, subject_token: 'x', subject_token_type: ACCESS_TOKEN };
    const root = (): string => bearer(world.rootKey);

    it('takes forms only, each parameter once, and says all that is wrong with them', async () => {
      const before = await stored(world.database);
      const wrong: [string, string[]][] = [
        ['token=a&token=b&grant_type=a&grant_type=b', ['token', 'grant_type']],
        ['token=x&grant_type=x&more=1&more=2', ['more']],
        ['token=%ff&grant_type=%ff', ['token', 'grant_type']],
        ['token=%&grant_type=%', ['token', 'grant_type']],
        ['token=&grant_type=', ['token', 'grant_type']],
        ['token=%00&grant_type=%00', ['token', 'grant_type']],
        ['', ['token', 'grant_type']],
      ];
      for (const [form, fields] of wrong) {
        const answer = await postForm(world, path, form, root());
        await expectError(answer, 400, 'invalid_request', { outcome: 'failure', reason: 'invalid_request' });
        const own = path === '/oauth/token' ? 'grant_type' : 'token';
        const wanted = fields.filter((field) => ['more', own].includes(field));
        const found = (answer.body.details as { field: string }[]).map(({ field }) => field);
        expect({ form, found }).toEqual({ form, found: expect.arrayContaining(wanted) });
      }
      expect(await stored(world.database)).toEqual(before);
    });

    it('refuses what is no form, what is too large, and what stands in the URL', async () => {
      const json = await world.root.post(path, well);
      await expectError(json, 415, 'invalid_request', {
        outcome: 'failure',
        reason: 'unsupported_media_type',
      });
      const large = await postForm(world, path, { ...well, token: 'x'.repeat(70_000) }, root());
      await expectError(large, 413, 'invalid_request', { outcome: 'failure', reason: 'payload_too_large' });
      const inUrl = await postForm(world, `${path}?token=x`, well, root());
      await expectError(inUrl, 400, 'invalid_request', { outcome: 'failure', reason: 'invalid_request' });
      const asField = await postForm(world, path, { ...well, api_key: unissued() }, root());
      await expectError(asField, 400, 'invalid_request', {
        outcome: 'failure',
        reason: 'credential_in_body',
      });
    });

    it('ignores parameters it does not know, as RFC 6749 has it', async () => {
      const { token } = await world.token();
      const parameters = { ...well, token, subject_token: token, nonsense: '1' };
      expect((await postForm(world, path, parameters, root())).status).toBe(200);
    });

    it('refuses clients whose credential is none, in the words of OAuth and by the scheme they used', async () => {
      const { id, token } = await world.token({ scopes: ['tokens:*'] });
      const other = await world.token();
      const wrong: [string | undefined, Record<string, string>, string][] = [
        [bearer(unissued()), {}, 'Bearer'],
        [basic('default', unissued()), {}, 'Basic'],
        [basic('nobody', world.rootKey), {}, 'Basic'],
        [basic(other.id, token), {}, 'Basic'],
        [undefined, { client_id: other.id, client_secret: token }, 'Basic'],
        [basic(id, token), { client_id: id, client_secret: token }, 'Bearer'],
      ];
      for (const [authorization, parameters, scheme] of wrong) {
        const answer = await postForm(world, path, { ...well, ...parameters }, authorization);
        expect(answer.status).toBe(401);
        expect(answer.body.error).toBe('invalid_client');
        expect(answer.headers.get('www-authenticate')).toMatch(new RegExp(`^${scheme} `));
        expect(await world.eventsOf(answer.requestId)).toHaveLength(1);
      }
      const right = [bearer(token), basic(id, token), basic('', token), basic('default', token)];
      for (const authorization of right) {
        const own = { ...well, token, subject_token: token, grant_type: EXCHANGE };
        const answer = await postForm(
          world,
          path === '/oauth/revoke' ? '/oauth/token' : path,
          own,
          authorization,
        );
        expect(answer.status).toBe(200);
      }
    });
  });

  describe('introspection', () => {
    it('is closed to a token without tokens:verify, and to nobody at all', async () => {
      const { id, token } = await world.token();
      const answer = await postForm(world, '/oauth/introspect', { token }, bearer(token));
      await expectError(answer, 403, 'insufficient_scope', {
        ...{ outcome: 'denied', reason: 'insufficient_scope', actor_id: id },
      });
      const nobody = await postForm(world, '/oauth/introspect', { token });
      await expectError(nobody, 401, 'invalid_client', { outcome: 'denied', reason: 'missing_credential' });
    });

    it.each([
      ['malformed', () => Promise.resolve('a.b.c')],
      ['not_found', () => Promise.resolve(unissued('tkn'))],
      [
        'revoked',
        async () => {
          const { id, token } = await world.token();
          await world.root.delete(`/v1/tokens/${id}`);
          return token;
        },
      ],
      [
        'disabled',
        async () => {
          const { id, token } = await world.token();
          const jwt = await exchanged(world, token);
          await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
          return jwt;
        },
      ],
      [
        'insufficient_scope',
        async () => {
          const { id, token } = await world.token({ scopes: ['things:read', 'more:read'] });
          const jwt = await exchanged(world, token);
          await world.root.patch(`/v1/tokens/${id}`, { scopes: ['things:read'] });
          return jwt;
        },
      ],
      [
        'expired',
        async () => {
          const { token } = await world.token();
          const jwt = await exchanged(world, token, { expires_in: '60' });
          world.clock.advance(60_000);
          return jwt;
        },
      ],
    ])('records why something is not active: %s', async (reason, make) => {
      const answer = await postForm(
        world,
        '/oauth/introspect',
        { token: await make() },
        bearer(world.rootKey),
      );
      expect(answer.body).toEqual({ active: false });
      await expect(answer).toHaveAudited(world, { action: 'token.introspect', outcome: 'denied', reason });
    });

    it('counts no use, and takes the address of the client for tokens that are bound to some', async () => {
      const { token } = await world.token({ max_uses: 1, allowed_ips: ['203.0.113.0/24'] });
      for (let i = 0; i < 3; i++) {
        const ask = { token, client_ip: '203.0.113.7' };
        const { body } = await postForm(world, '/oauth/introspect', ask, bearer(world.rootKey));
        expect(body.active).toBe(true);
      }
      const elsewhere = { token, client_ip: '198.51.100.1' };
      const { body } = await postForm(world, '/oauth/introspect', elsewhere, bearer(world.rootKey));
      expect(body).toEqual({ active: false });
      expect(await world.verify(token, { client_ip: '203.0.113.7' })).toMatchObject({ valid: true });
    });

    it('takes no JWT that was signed by others, or changed', async () => {
      const { token } = await world.token();
      const jwt = await exchanged(world, token);
      const [head = '', claims = '', signature = ''] = jwt.split('.');
      const changed = Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), scope: 'all:*' }),
      ).toString('base64url');
      const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
      const forged = [
        `${head}.${changed}.${signature}`,
        `${none}.${claims}.${signature}`,
        `${none}.${claims}.`,
      ];
      for (const value of forged) {
        const { body } = await postForm(world, '/oauth/introspect', { token: value }, bearer(world.rootKey));
        expect(body).toEqual({ active: false });
      }
    });
  });

  describe('revocation', () => {
    const revoke = (token: string, authorization: string): Promise<Answer> =>
      postForm(world, '/oauth/revoke', { token }, authorization);

    it('lets a token give up itself, whatever its scopes, and nothing else', async () => {
      const { id, token } = await world.token();
      const other = await world.token();
      for (const value of [other.token, unissued('tkn'), 'nonsense']) {
        const answer = await revoke(value, bearer(token));
        await expectError(answer, 403, 'insufficient_scope', {
          ...{ outcome: 'denied', reason: 'insufficient_scope', actor_id: id },
        });
      }
      const answer = await revoke(token, bearer(token));
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
      await expect(answer).toHaveAudited(world, {
        action: 'token.revoke',
        outcome: 'success',
        target_id: id,
      });
      expect(await world.verify(token)).toMatchObject({ code: 'revoked' });
      expect(await world.verify(other.token)).toMatchObject({ valid: true });
    });

    it('lets a token with tokens:write revoke what it has issued, and refuses it the rest', async () => {
      const parent = await world.token({ scopes: ['tokens:write', 'things:read'] });
      const child = await world.token({}, world.as(parent.token));
      const stranger = await world.token();
      const answer = await revoke(stranger.token, bearer(parent.token));
      await expectError(answer, 403, 'insufficient_scope', {
        outcome: 'denied',
        reason: 'insufficient_scope',
      });
      expect((await revoke(child.token, bearer(parent.token))).status).toBe(200);
      expect(await world.verify(child.token)).toMatchObject({ code: 'revoked' });
      expect(await world.verify(stranger.token)).toMatchObject({ valid: true });
    });

    it('finds nothing of another workspace or environment, and says so like of what never existed', async () => {
      const { token } = await world.token();
      const jwt = await exchanged(world, token);
      const other = await world.workspace('Other');
      const test = await world.apiKey({ environment: 'test' });
      for (const key of [other.key, test.key]) {
        for (const value of [token, jwt]) {
          const [answer, never] = [
            await revoke(value, bearer(key)),
            await revoke(unissued('tkn'), bearer(key)),
          ];
          expect([answer.status, answer.text]).toEqual([never.status, never.text]);
          await expect(answer).toHaveAudited(world, { outcome: 'success', target_id: null });
          const { body } = await postForm(world, '/oauth/introspect', { token: value }, bearer(key));
          expect(body).toEqual({ active: false });
        }
      }
      expect(await world.verify(token)).toMatchObject({ valid: true });
    });

    it('ends a JWT alone and leaves its token', async () => {
      const { token } = await world.token();
      const [doomed, other] = [await exchanged(world, token), await exchanged(world, token)];
      expect((await revoke(doomed, bearer(token))).status).toBe(200);
      const active = async (value: string): Promise<unknown> =>
        (await postForm(world, '/oauth/introspect', { token: value }, bearer(world.rootKey))).body.active;
      expect([await active(doomed), await active(other), await active(token)]).toEqual([false, true, true]);
    });
  });

  describe('exchange', () => {
    it('says of every token that does not hold the same, and the log knows which and why', async () => {
      const dead = await world.token();
      await world.root.delete(`/v1/tokens/${dead.id}`);
      const over = await world.token({ expires_in: 1 });
      const early = await world.token({ not_before: new Date(world.clock.now() + 3_600_000).toISOString() });
      const bound = await world.token({ allowed_ips: ['203.0.113.0/24'] });
      world.clock.advance(60_000);
      const wrong: [string, string, string | null][] = [
        ['nonsense', 'malformed', null],
        [unissued('tkn'), 'not_found', null],
        [dead.token, 'revoked', dead.id],
        [over.token, 'expired', over.id],
        [early.token, 'not_yet_valid', early.id],
        [bound.token, 'ip_not_allowed', bound.id],
      ];
      const said = new Set<string>();
      for (const [token, reason, id] of wrong) {
        const answer = await exchange({ subject_token: token });
        await expectError(answer, 400, 'invalid_request', { outcome: 'denied', reason, actor_id: id });
        said.add(answer.text.replaceAll(answer.requestId, ''));
      }
      expect(said.size).toBe(1);
    });

    it('of a value that rotation has replaced revokes its token, where the workspace wants that', async () => {
      await world.root.patch('/v1/workspace', { reuse_policy: 'revoke' });
      const { id, token } = await world.token();
      const { body } = await world.root.post<{ token: string }>(`/v1/tokens/${id}/rotate`);
      expect(await world.verify(body.token)).toMatchObject({ valid: true });
      const answer = await exchange({ subject_token: token });
      const event = { outcome: 'denied', reason: 'rotated_value', actor_id: id };
      await expectError(answer, 400, 'invalid_request', event);
      expect(await world.verify(body.token)).toMatchObject({ code: 'revoked' });
      await world.root.patch('/v1/workspace', { reuse_policy: 'alert' });
    });

    it('never gives more than the token has', async () => {
      const parent = await world.token({ scopes: ['tokens:write', 'things:*'] });
      const child = await world.token({ scopes: ['things:*'] }, world.as(parent.token));
      await world.root.patch(`/v1/tokens/${parent.id}`, { scopes: ['tokens:write', 'things:read'] });
      for (const scope of [
        'things:write',
        'things:*',
        'other:read',
        'nonsense',
        'things:read  things:read',
      ]) {
        const answer = await exchange({ subject_token: child.token, scope });
        await expectError(answer, 400, 'invalid_scope', { outcome: 'denied', reason: 'invalid_scope' });
      }
      expect((await exchange({ subject_token: child.token })).body.scope).toBe('things:read');
    });

    it('makes nothing of a token whose limits nobody could hold it to offline', async () => {
      const rate = { rate_limit: { limit: 5, window_seconds: 60 } };
      for (const limit of [{ max_uses: 5 }, rate, { allowed_ips: ['127.0.0.0/8', '::1'] }]) {
        const { token } = await world.token(limit);
        const answer = await exchange({ subject_token: token });
        await expectError(answer, 400, 'invalid_request', { outcome: 'denied', reason: 'invalid_request' });
      }
    });

    it('serves for the token of another only who may verify', async () => {
      const { token } = await world.token();
      const stranger = await world.token();
      const answer = await exchange({ subject_token: token }, bearer(stranger.token));
      await expectError(answer, 403, 'insufficient_scope', {
        outcome: 'denied',
        reason: 'insufficient_scope',
      });
      const other = await world.workspace('Elsewhere');
      const foreign = await exchange({ subject_token: token }, bearer(other.key));
      await expectError(foreign, 400, 'invalid_request', { outcome: 'denied', reason: 'not_found' });
    });

    it('refuses what it does not support, in the words of the standards', async () => {
      const { token } = await world.token();
      const subject = { subject_token: token };
      const wrong: [Record<string, string>, string][] = [
        [{ ...subject, grant_type: 'password' }, 'unsupported_grant_type'],
        [{ ...subject, requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
        [{ ...subject, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, 'invalid_request'],
        [{ ...subject, actor_token: token }, 'invalid_request'],
        [{ ...subject, resource: 'not a uri' }, 'invalid_target'],
        [{ ...subject, resource: 'https://api.example.com/#part' }, 'invalid_target'],
        [{ ...subject, audience: token }, 'invalid_target'],
        [{ ...subject, expires_in: '3601' }, 'invalid_request'],
        [{ ...subject, expires_in: '0' }, 'invalid_request'],
      ];
      for (const [parameters, error] of wrong) {
        const answer = await exchange(parameters);
        await expectError(answer, 400, error, { outcome: 'denied', reason: error });
      }
      const withKey = await postForm(
        world,
        '/oauth/token',
        { grant_type: 'client_credentials' },
        basic('default', world.rootKey),
      );
      await expectError(withKey, 400, 'unauthorized_client', {
        outcome: 'failure',
        reason: 'unauthorized_client',
      });
      const nobody = await postForm(world, '/oauth/token', { grant_type: 'client_credentials' });
      await expectError(nobody, 401, 'invalid_client', { outcome: 'denied', reason: 'missing_credential' });
    });

    it('leaves no JWT and no private key in any table, nor any value in its event', async () => {
      const { id, token } = await world.token();
      const answer = await exchange({ subject_token: token });
      await expect(answer).toHaveAudited(world, {
        ...{ action: 'token.exchange', outcome: 'success', actor_id: id, target_id: id },
      });
      const everything = await everythingStored(world.database);
      const jwt = String(answer.body.access_token);
      for (const part of [token.slice(-36, -6), jwt.split('.')[2]!]) expect(everything).not.toContain(part);
      const [{ sealed_key: sealed } = {}] = await world.database.query<{ sealed_key?: Buffer }>(
        'select sealed_key from oauth_signing_keys',
      );
      // PKCS #8 begins with a version and the algorithm's name.
      expect(sealed!.includes(Buffer.from('2a8648ce3d0201', 'hex').subarray(1))).toBe(false);
    });
  });
});
