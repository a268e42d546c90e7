import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mistyped, unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

describe('verifying a token', () => {
  let world: World;
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const codeOf = async (token: string, ask: object = {}) => (await world.verify(token, ask)).code;

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('tells everything the owner’s API needs of a valid one, and nothing else', async () => {
    const expires_at = at(60_000);
    const { id, token } = await world.token({
      name: 'Acme',
      subject: 'partner_42',
      scopes: ['a:b', 'c:*'],
      expires_at,
      metadata: { plan: 'pro' },
    });
    expect(await world.verify(token, { scopes: ['a:b', 'c:d'] })).toEqual({
      valid: true,
      code: 'valid',
      token_id: id,
      name: 'Acme',
      subject: 'partner_42',
      scopes: ['a:b', 'c:*'],
      environment: 'live',
      expires_at,
      metadata: { plan: 'pro' },
      uses_remaining: null,
      rate_limit: null,
      event_id: expect.stringMatching(/^evt_/),
    });
  });

  describe('says the first code that holds', () => {
    it('in the stated order, from the last to the first, while everything else holds too', async () => {
      const { id, token } = await world.token({
        scopes: ['a:b'],
        not_before: at(1000),
        expires_at: at(2000),
        allowed_ips: ['10.0.0.0/8'],
      });
      const wrong = { scopes: ['c:d'], client_ip: '192.0.2.1' };
      expect(await codeOf(token, wrong)).toBe('not_yet_valid');
      world.clock.advance(1000);
      expect(await codeOf(token, { scopes: ['a:b'], client_ip: '10.0.0.1' })).toBe('valid');
      expect(await codeOf(token, { scopes: ['c:d'], client_ip: '10.0.0.1' })).toBe('insufficient_scope');
      expect(await codeOf(token, wrong)).toBe('ip_not_allowed');
      world.clock.advance(1000);
      expect(await codeOf(token, wrong)).toBe('expired');
      await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
      expect(await codeOf(token, wrong)).toBe('disabled');
      await world.root.post(`/v1/tokens/${id}/revoke`);
      expect(await codeOf(token, wrong)).toBe('revoked');
      const other = world.as((await world.workspace('other')).key);
      expect((await world.verify(token, wrong, other)).code).toBe('not_found');
      expect(await codeOf(mistyped(token), wrong)).toBe('malformed');
    });

    it('with expiry exact to the millisecond: at expires_at it is over', async () => {
      const { token } = await world.token({ expires_at: at(1000) });
      world.clock.advance(999);
      expect(await codeOf(token)).toBe('valid');
      world.clock.advance(1);
      expect(await codeOf(token)).toBe('expired');
    });

    it('with the beginning as exact: at not_before it is valid', async () => {
      const { token } = await world.token({ not_before: at(1000) });
      world.clock.advance(999);
      expect(await codeOf(token)).toBe('not_yet_valid');
      world.clock.advance(1);
      expect(await codeOf(token)).toBe('valid');
    });
  });

  describe('reveals nothing of', () => {
    const nothing = (code: string) => ({ valid: false, code, event_id: expect.stringMatching(/^evt_/) });

    it('what is no secret: malformed', async () => {
      const { id, token } = await world.token();
      const texts = [
        '',
        'nonsense',
        id,
        mistyped(token),
        ` ${token}`,
        `${token} `,
        `Bearer ${token}`,
        token.slice(0, -1),
      ];
      const more = [
        `${token}0`,
        token.replace('tkn', 'TKN'),
        token.replace('live', 'prod'),
        '🪐',
        'x'.repeat(5000),
      ];
      for (const text of [...texts, ...more]) expect(await world.verify(text)).toEqual(nothing('malformed'));
    });

    it('what was never issued: not_found', async () => {
      for (const prefix of ['tkn', 'acme']) {
        expect(await world.verify(unissued(prefix))).toEqual(nothing('not_found'));
      }
    });

    it('an API key, the caller’s own included: not_found', async () => {
      for (const value of [world.rootKey, (await world.apiKey()).key, unissued('tok')]) {
        expect(await world.verify(value)).toEqual(nothing('not_found'));
      }
    });

    it('a token of another workspace or environment, whatever its state: not_found', async () => {
      const other = world.as((await world.workspace('other')).key);
      const test = world.as((await world.apiKey({ environment: 'test' })).key);
      for (const by of [other, test]) {
        const { id, token } = await world.token({}, by);
        expect(await world.verify(token)).toEqual(nothing('not_found'));
        await by.delete(`/v1/tokens/${id}`);
        expect(await world.verify(token)).toEqual(nothing('not_found'));
      }
    });

    it('either in the event: no target, and not the value', async () => {
      const value = unissued('tkn');
      for (const [token, code] of [
        [value, 'not_found'],
        [mistyped(value), 'malformed'],
      ] as const) {
        const { event_id } = await world.verify(token, { operation: 'GET /invoices' });
        const { body, text } = await world.root.get(`/v1/audit-events/${String(event_id)}`);
        expect(body).toMatchObject({
          target: null,
          outcome: 'denied',
          reason: code,
          details: { operation: 'GET /invoices' },
        });
        expect(text).not.toContain(value.slice(9, -6));
      }
    });
  });

  describe('holds addresses against allowed_ips', () => {
    const allowed_ips = ['203.0.113.0/24', '198.51.100.7', '2001:db8::/32'];

    it.each([
      ['203.0.113.0', 'valid'],
      ['203.0.113.255', 'valid'],
      ['203.0.114.0', 'ip_not_allowed'],
      ['198.51.100.7', 'valid'],
      ['198.51.100.8', 'ip_not_allowed'],
      ['2001:db8::', 'valid'],
      ['2001:0DB8:ffff::1', 'valid'],
      ['2001:db9::1', 'ip_not_allowed'],
      ['::ffff:203.0.113.9', 'valid'],
      ['::ffff:cb00:7109', 'valid'],
      ['::ffff:192.0.2.1', 'ip_not_allowed'],
      ['::1', 'ip_not_allowed'],
    ])('%s: %s', async (client_ip, code) => {
      const { token } = await world.token({ allowed_ips });
      expect(await codeOf(token, { client_ip })).toBe(code);
    });

    it('where none is given the address is not allowed, unless anywhere is', async () => {
      const { token } = await world.token({ allowed_ips: ['0.0.0.0/0', '::/0'] });
      for (const ask of [{}, { client_ip: null }]) expect(await codeOf(token, ask)).toBe('ip_not_allowed');
      expect(await codeOf((await world.token()).token)).toBe('valid');
    });

    it('takes IPv6 everywhere for no IPv4 address, and the other way round', async () => {
      const v6 = (await world.token({ allowed_ips: ['::/0'] })).token;
      const v4 = (await world.token({ allowed_ips: ['0.0.0.0/0'] })).token;
      expect(await codeOf(v6, { client_ip: '192.0.2.1' })).toBe('ip_not_allowed');
      expect(await codeOf(v6, { client_ip: '::ffff:192.0.2.1' })).toBe('ip_not_allowed');
      expect(await codeOf(v4, { client_ip: '2001:db8::1' })).toBe('ip_not_allowed');
      expect(await codeOf(v4, { client_ip: '::ffff:192.0.2.1' })).toBe('valid');
    });

    it('does not take the address of the caller for that of the client', async () => {
      const { token } = await world.token({ allowed_ips: ['127.0.0.0/8', '::1'] });
      expect(await codeOf(token)).toBe('ip_not_allowed');
    });
  });

  it('names the scopes that are missing, in the order asked, and all that there are', async () => {
    const { token } = await world.token({ scopes: ['a:b', 'c:*'] });
    const ask = { scopes: ['z:z', 'a:b', 'a:*', 'c:d:e', 'c:*', 'a:b:c'] };
    expect(await world.verify(token, ask)).toMatchObject({
      valid: false,
      code: 'insufficient_scope',
      missing_scopes: ['z:z', 'a:*', 'a:b:c'],
      scopes: ['a:b', 'c:*'],
    });
    expect(await world.verify(token)).not.toHaveProperty('missing_scopes');
  });

  describe('is one decision in the log', () => {
    it('that the answer names', async () => {
      const { id, token } = await world.token({ name: 'Acme', scopes: ['a:b'] });
      const answer = await world.root.post('/v1/tokens/verify', {
        token,
        scopes: ['a:b'],
        client_ip: '203.0.113.7',
        user_agent: 'acme-sync/2.1',
        operation: 'GET /invoices',
      });
      await expect(answer).toHaveAudited(world, { action: 'token.verify', outcome: 'success', reason: null });
      const { body } = await world.root.get(`/v1/audit-events/${String(answer.body.event_id)}`);
      expect(body).toMatchObject({
        environment: 'live',
        target: { type: 'token', id, name: 'Acme' },
        request: { id: answer.requestId, status: 200, route: '/v1/tokens/verify' },
        details: {
          required_scopes: ['a:b'],
          client_ip: '203.0.113.7',
          user_agent: 'acme-sync/2.1',
          operation: 'GET /invoices',
        },
      });
    });

    it('denied for the code as its reason, though the answer is 200', async () => {
      const { id, token } = await world.token({ scopes: ['a:b'] });
      const answer = await world.root.post('/v1/tokens/verify', { token, scopes: ['c:d'] });
      expect(answer.status).toBe(200);
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'insufficient_scope',
        target_id: id,
      });
      const [event] = await world.events(`request_id=${answer.requestId}`);
      expect(event?.id).toBe(answer.body.event_id);
      expect(event?.details).toMatchObject({ required_scopes: ['c:d'], missing_scopes: ['c:d'] });
    });

    it('that counts as a use of the token if it was valid, from the client’s address', async () => {
      const { id, token } = await world.token({ allowed_ips: ['203.0.113.0/24'] });
      await world.verify(token, { client_ip: '192.0.2.1' });
      expect((await world.root.get(`/v1/tokens/${id}`)).body.last_used_at).toBeNull();
      await world.verify(token, { client_ip: '::ffff:203.0.113.7' });
      expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject({
        last_used_at: at(0),
        last_used_ip: '203.0.113.7',
      });
    });
  });

  describe('refuses the very next time on another instance', () => {
    it.each<[string, (id: string) => Promise<unknown>, string]>([
      ['after a revocation', (id) => world.root.post(`/v1/tokens/${id}/revoke`), 'revoked'],
      ['after a DELETE', (id) => world.root.delete(`/v1/tokens/${id}`), 'revoked'],
      ['after it was disabled', (id) => world.root.patch(`/v1/tokens/${id}`, { enabled: false }), 'disabled'],
      [
        'after its scopes were narrowed',
        (id) => world.root.patch(`/v1/tokens/${id}`, { scopes: ['x:y'] }),
        'insufficient_scope',
      ],
      [
        'after its addresses were',
        (id) => world.root.patch(`/v1/tokens/${id}`, { allowed_ips: ['10.0.0.1'] }),
        'ip_not_allowed',
      ],
    ])('%s', async (_, change, code) => {
      const there = world.as(world.rootKey, 1);
      const { id, token } = await world.token({ scopes: ['a:b'] });
      const ask = { scopes: ['a:b'], client_ip: '203.0.113.7' };
      expect(await world.verify(token, ask, there)).toMatchObject({ code: 'valid' });
      await change(id);
      expect(await world.verify(token, ask, there)).toMatchObject({ valid: false, code });
    });
  });

  it('may be asked by a token with tokens:verify, about itself as well', async () => {
    const verifier = await world.token({ scopes: ['tokens:verify'] });
    const { token } = await world.token();
    expect(await world.verify(token, {}, world.as(verifier.token))).toMatchObject({ valid: true });
    expect(await world.verify(verifier.token, {}, world.as(verifier.token))).toMatchObject({ valid: true });
  });

  it.each<[string, unknown, string[]]>([
    ['without a token', {}, ['token']],
    ['with a token that is no text', { token: 7 }, ['token']],
    ['with scopes that are none', { token: 'x', scopes: ['a:b', 'nope'] }, ['scopes[1]']],
    ['with an address that is none', { token: 'x', client_ip: '10.1' }, ['client_ip']],
    ['with a range for an address', { token: 'x', client_ip: '10.0.0.0/8' }, ['client_ip']],
    ['with fields it does not know', { token: 'x', ip: '10.0.0.1', now: 1 }, ['ip', 'now']],
    [
      'with every fault at once',
      { scopes: 'a:b', client_ip: '', operation: 7 },
      ['client_ip', 'operation', 'scopes', 'token'],
    ],
  ])('is refused %s', async (_, body, fields) => {
    const answer = await world.root.post('/v1/tokens/verify', body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, {
      action: 'token.verify',
      outcome: 'failure',
      reason: 'invalid_request',
    });
  });
});
