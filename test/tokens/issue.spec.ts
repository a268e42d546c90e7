import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everythingStored } from '../support/everything-stored.js';
import { withChecksum } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

const FIELDS = [
  ...[
    'id',
    'name',
    'description',
    'subject',
    'scopes',
    'environment',
    'enabled',
    'status',
    'hint',
    'expires_at',
  ],
  ...['not_before', 'created_at', 'created_by', 'parent_id', 'allowed_ips', 'rate_limit', 'max_uses'],
  ...[
    'uses_remaining',
    'metadata',
    'last_used_at',
    'last_used_ip',
    'revoked_at',
    'revoked_reason',
    'rotated_at',
  ],
  'suspended_at',
  'suspended_reason',
  'imported',
  'previous',
  'previous_expires_at',
];

describe('issuing a token', () => {
  let world: World;
  const issue = (body: object = {}) =>
    world.root.post<Json & { token: string }>('/v1/tokens', {
      name: 'Acme',
      scopes: ['things:read'],
      ...body,
    });
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();

  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  afterAll(() => world.close());

  it('answers with the fields of the contract and the value, and later with the same fields without it', async () => {
    const { status, body } = await issue();
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual([...FIELDS, 'token'].sort());
    const { token, ...rest } = body;
    expect((await world.root.get(`/v1/tokens/${body.id}`)).body).toEqual(rest);
    expect(rest).toMatchObject({
      status: 'active',
      enabled: true,
      environment: 'live',
      hint: `tkn_live_…${token.slice(-4)}`,
      created_at: at(0),
      expires_at: null,
      not_before: null,
      allowed_ips: null,
      parent_id: null,
      metadata: {},
    });
  });

  it('shows the value in no other answer and keeps it nowhere', async () => {
    const { token, id } = (await issue({ name: 'once' })).body;
    const answers = await Promise.all([
      world.root.get(`/v1/tokens/${id}`),
      world.root.get('/v1/tokens?q=once'),
      world.root.get(`/v1/audit-events?target_id=${id}`),
      world.root.post('/v1/tokens/verify', { token }),
      world.as(token).get('/v1/me'),
    ]);
    const seen = [...answers.map(({ text }) => text), await everythingStored(world.database)].join('\n');
    expect(seen).toContain(id);
    expect(seen).not.toContain(token.slice(9, -6));
  });

  it('makes values of the stated form, with a checksum and without repetition', async () => {
    const values = await Promise.all(Array.from({ length: 20 }, async () => (await issue()).body.token));
    for (const value of values) {
      expect(value).toMatch(/^tkn_live_[0-9A-Za-z]{36}$/);
      expect(value).toBe(withChecksum(value.slice(0, -6)));
    }
    expect(new Set(values).size).toBe(20);
  });

  it.each(['tkn', 'ac', 'a1', 'partner4you12345'])(
    'lets the value start with the prefix %s',
    async (prefix) => {
      const { token, hint } = (await issue({ prefix })).body;
      expect(token).toMatch(new RegExp(`^${prefix}_live_[0-9A-Za-z]{36}$`));
      expect(hint).toBe(`${prefix}_live_…${token.slice(-4)}`);
      expect(await world.verify(token)).toMatchObject({ valid: true });
      expect((await world.as(token).get('/v1/me')).status).toBe(200);
    },
  );

  it('keeps what it was given as it was given', async () => {
    const given = {
      name: 'Ω & Söhne 🪐',
      description: 'two\nlines\tand a tab',
      subject: 'partner/42 %_\\',
      scopes: ['things:write', 'things:read', 'a.b-c_d:*', 'a:b:c:d'],
      metadata: { plan: 'pro', seats: 3, tags: ['a', null, true], nested: { 'odd key ": ': 0.1 } },
    };
    const { id } = (await issue(given)).body;
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject(given);
  });

  it('takes an expiry as a moment, to the millisecond and in UTC', async () => {
    const { body } = await issue({ expires_at: '2099-01-01T02:00:00.123999+02:00' });
    expect(body.expires_at).toBe('2099-01-01T00:00:00.123Z');
  });

  it('takes an expiry as seconds from now', async () => {
    expect((await issue({ expires_in: 1 })).body.expires_at).toBe(at(1000));
    expect((await issue({ expires_in: 3600, expires_at: null })).body.expires_at).toBe(at(3_600_000));
  });

  it('takes the next millisecond for the future', async () => {
    expect((await issue({ expires_at: at(1) })).body.expires_at).toBe(at(1));
  });

  it('makes a token that is not yet valid pending until then', async () => {
    const { body } = await issue({ not_before: at(5000), expires_at: at(5001) });
    expect(body).toMatchObject({ status: 'pending', not_before: at(5000) });
    world.clock.advance(5000);
    expect((await world.root.get(`/v1/tokens/${body.id}`)).body.status).toBe('active');
    world.clock.advance(1);
    expect((await world.root.get(`/v1/tokens/${body.id}`)).body.status).toBe('expired');
  });

  it('takes metadata of 4 KiB', async () => {
    const metadata = { text: 'x'.repeat(4096 - '{"text":""}'.length) };
    const { id, token } = (await issue({ metadata })).body;
    expect((await world.root.get(`/v1/tokens/${id}`)).body.metadata).toEqual(metadata);
    expect((await world.verify(token)).metadata).toEqual(metadata);
  });

  it('keeps addresses in their one canonical form', async () => {
    const allowed_ips = [
      '203.0.113.77/24',
      '203.0.113.0/24',
      '::ffff:198.51.100.1',
      '2001:DB8:0::1/32',
      '10.0.0.1',
    ];
    expect((await issue({ allowed_ips })).body.allowed_ips).toEqual([
      '203.0.113.0/24',
      '198.51.100.1/32',
      '2001:db8::/32',
      '10.0.0.1/32',
    ]);
  });

  it('registers the scopes it did not know; neither patterns nor Tooken’s own', async () => {
    const { status } = await issue({
      scopes: ['fresh:one', 'fresh:*', 'fresh:one:two', 'tokens:read', 'audit:*'],
    });
    expect(status).toBe(201);
    const { body } = await world.root.get<{ data: { name: string; description: null }[] }>(
      '/v1/scopes?limit=100',
    );
    expect(body.data.map(({ name }) => name).filter((name) => /^(fresh|tokens|audit):/.test(name))).toEqual([
      'fresh:one',
      'fresh:one:two',
    ]);
  });

  it('registers a scope once for many tokens issued at the same time', async () => {
    const scopes = ['rush:c', 'rush:a', 'rush:b'];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => issue({ scopes: n % 2 === 0 ? scopes : scopes.toReversed() })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(12).fill(201));
  });

  it('remembers who issued it, by the name they had then', async () => {
    const key = await world.apiKey({ name: 'CI' });
    const { body } = await world.as(key.key).post<Json>('/v1/tokens', { name: 'x', scopes: ['things:read'] });
    await world.root.patch(`/v1/api-keys/${key.id}`, { name: 'CI, renamed' });
    expect((await world.root.get(`/v1/tokens/${body.id}`)).body.created_by).toEqual({
      type: 'api_key',
      id: key.id,
      name: 'CI',
    });
    const parent = await world.token({ name: 'issuer', scopes: ['tokens:write', 'things:read'] });
    expect((await world.token({}, world.as(parent.token))).created_by).toEqual({
      type: 'token',
      id: parent.id,
      name: 'issuer',
    });
  });

  it('outlives the API key it was issued with', async () => {
    const key = await world.apiKey();
    const { token } = await world.token({}, world.as(key.key));
    expect((await world.root.delete(`/v1/api-keys/${key.id}`)).status).toBe(204);
    expect(await world.verify(token)).toMatchObject({ valid: true });
  });

  it('leaves one event that says what was issued, in the words of the contract', async () => {
    const answer = await issue({ name: 'Acme', subject: 'partner_42', expires_in: 60 });
    await expect(answer).toHaveAudited(world, {
      action: 'token.issue',
      outcome: 'success',
      reason: null,
      target_id: answer.body.id,
    });
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({
      environment: 'live',
      target: { type: 'token', id: answer.body.id, name: 'Acme' },
      request: { route: '/v1/tokens', method: 'POST', status: 201 },
      details: { scopes: ['things:read'], expires_at: answer.body.expires_at, subject: 'partner_42' },
    });
  });
});
