import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

interface Refused {
  secret: string;
  reason: string;
  /** Whose log it lands in, and who is named; null = the instance's log, and nobody. */
  known: { type: 'api_key' | 'token'; id: string; name: string } | null;
}

const NOBODY = { actor_type: 'anonymous', actor_id: null, actor_name: null, actor_hint: null };

describe('a refusal is recorded', () => {
  let world: World;
  let acme: { id: string; key: string; slug: string };
  let caller: Caller;
  beforeAll(async () => {
    world = await World.start();
    acme = await world.workspace('Acme');
    caller = world.as(acme.key);
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => world.clock.advance(61_000));
  afterAll(() => world.close());

  const soon = (): string => new Date(world.clock.now() + 60_000).toISOString();

  /** Every way in which a value can be, or come to be, no credential. */
  const refused: [string, () => Promise<Refused>][] = [
    ['a value that was never issued', () => stranger(unissued(), 'unknown_credential')],
    ['a token that was never issued', () => stranger(unissued('tkn'), 'unknown_credential')],
    ['a mistyped value', () => stranger(mistyped(acme.key), 'malformed_credential')],
    ['no secret at all', () => stranger('nonsense', 'malformed_credential')],
    [
      'the old value of a regenerated key',
      () => spoilt('api_key', 'regenerated_key', ({ id }) => caller.post(`/v1/api-keys/${id}/regenerate`)),
    ],
    [
      'a deleted key',
      () => spoilt('api_key', 'deleted_key', ({ id }) => caller.delete(`/v1/api-keys/${id}`)),
    ],
    [
      'a key stopped by its value',
      () =>
        spoilt('api_key', 'deleted_key', ({ secret }) =>
          caller.post('/v1/api-keys/revoke', { api_key: secret }),
        ),
    ],
    ['an expired key', () => spoilt('api_key', 'expired_key', pass, { expires_at: soon() })],
    ['an expired token', () => spoilt('token', 'expired_token', pass, { expires_at: soon() })],
    [
      'a revoked token',
      () => spoilt('token', 'revoked_token', ({ id }) => caller.post(`/v1/tokens/${id}/revoke`)),
    ],
    [
      'a deleted token',
      () => spoilt('token', 'revoked_token', ({ id }) => caller.delete(`/v1/tokens/${id}`)),
    ],
    [
      'a disabled token',
      () =>
        spoilt('token', 'disabled_token', ({ id }) => caller.patch(`/v1/tokens/${id}`, { enabled: false })),
    ],
    [
      'a token used from elsewhere',
      () => spoilt('token', 'ip_not_allowed', never, { allowed_ips: ['192.0.2.0/24'] }),
    ],
    [
      'a token that is not valid yet',
      () =>
        spoilt('token', 'not_yet_valid', never, {
          not_before: new Date(world.clock.now() + 1e9).toISOString(),
        }),
    ],
  ];

  it.each(refused)('in the log of its owner, or of the instance if it has none: %s', async (_what, make) => {
    const { secret, reason, known } = await make();
    const answers = [
      await world.as(secret).get('/v1/tokens'),
      await world.as(secret).post('/v1/tokens', { name: 'never read' }),
      await world.as(secret).post('/v1/tokens', '{ "malformed'),
      await world
        .anonymous()
        .with({ authorization: `Basic ${btoa(`:${secret}`)}` })
        .get('/v1/tokens'),
    ];
    for (const answer of answers) {
      expect(answer).toBeProblem('unauthorized');
      const [event, ...more] = await world.eventsOf(answer.requestId);
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        workspace_id: known === null ? 'instance' : acme.id,
        environment: known === null ? null : 'live',
        action: answers.indexOf(answer) % 3 === 0 ? 'token.list' : 'token.issue',
        outcome: 'denied',
        reason,
        status: 401,
        route: '/v1/tokens',
        target_type: null,
        changes: null,
        ...(known === null ? NOBODY : named(known, secret)),
      });
    }
  });

  it('without a credential, in the log of the instance', async () => {
    for (const headers of [{}, { authorization: 'Digest x' }, { authorization: `Bearer  ${acme.key}` }]) {
      const answer = await world.anonymous().with(headers).get('/v1/me');
      const reason = 'authorization' in headers ? 'malformed_credential' : 'missing_credential';
      expect(answer).toBeProblem('unauthorized');
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason,
        workspace_id: 'instance',
        actor_id: null,
      });
    }
  });

  it('of a known value under a wrong user name, in the log of its owner', async () => {
    const [key] = await keysOf(caller);
    const answer = await world
      .anonymous()
      .with({ authorization: `Basic ${btoa(`other:${acme.key}`)}` })
      .get('/v1/me');
    expect(answer).toBeProblem('unauthorized');
    const reason = 'unknown_credential';
    await expect(answer).toHaveAudited(world, {
      outcome: 'denied',
      reason,
      workspace_id: acme.id,
      actor_id: key!.id,
    });
  });

  it('of a caller who is known and may not, in the log of its workspace', async () => {
    const token = await world.token({}, caller);
    const [key] = await keysOf(caller);
    const asked: [Promise<Answer>, string, string][] = [
      [world.as(token.token).get('/v1/tokens'), token.id, 'insufficient_scope'],
      [world.as(token.token).get('/v1/api-keys'), token.id, 'credential_type'],
      [world.as(token.token).post('/v1/workspaces', { name: 'x' }), token.id, 'credential_type'],
      [caller.post('/v1/workspaces', { name: 'x' }), key!.id, 'forbidden'],
      [caller.get('/v1/audit-events?log=instance'), key!.id, 'forbidden'],
    ];
    for (const [sent, actor_id, reason] of asked) {
      const answer = await sent;
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason,
        actor_id,
        workspace_id: acme.id,
      });
    }
  });

  it('of a token that would give what it does not have', async () => {
    const parent = await world.token({ scopes: ['tokens:write', 'a:read'] }, caller);
    const by = world.as(parent.token);
    const child = await world.token({ scopes: ['a:read'] }, by);
    const stranger = await world.token({}, caller);
    const asked: [Promise<Answer>, string][] = [
      [by.post('/v1/tokens', { name: 'x', scopes: ['b:read'] }), 'token.issue'],
      [by.patch(`/v1/tokens/${child.id}`, { scopes: ['a:*'] }), 'token.update'],
      [by.post(`/v1/tokens/${stranger.id}/revoke`), 'token.revoke'],
    ];
    for (const [sent, action] of asked) {
      const answer = await sent;
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, {
        action,
        outcome: 'denied',
        actor_id: parent.id,
        workspace_id: acme.id,
      });
    }
  });

  it('of a valid caller whose request cannot be done, as a failure with the code of its answer', async () => {
    await caller.post('/v1/scopes', { name: 'taken:name' });
    const plain = caller.with({ 'content-type': 'text/plain' });
    const asked: [Promise<Answer>, string, string][] = [
      [caller.post('/v1/tokens', {}), 'token.issue', 'invalid_request'],
      [caller.post('/v1/tokens', '{'), 'token.issue', 'invalid_request'],
      [caller.get('/v1/tokens?limit=0'), 'token.list', 'invalid_request'],
      [caller.get('/v1/tokens?api_key=x'), 'token.list', 'credential_in_url'],
      [caller.post('/v1/tokens', { api_key: 'x' }), 'token.issue', 'credential_in_body'],
      [caller.get('/v1/api-keys/key_00000000000000000000000000'), 'api_key.read', 'not_found'],
      [caller.delete('/v1/tokens/nonsense'), 'token.revoke', 'not_found'],
      [caller.post('/v1/scopes', { name: 'taken:name' }), 'scope.create', 'conflict'],
      [plain.post('/v1/scopes', 'x'), 'scope.create', 'unsupported_media_type'],
      [caller.post('/v1/scopes', { name: 'x'.repeat(70_000) }), 'scope.create', 'payload_too_large'],
    ];
    for (const [sent, action, reason] of asked) {
      const answer = await sent;
      expect(answer).toBeProblem(reason);
      await expect(answer).toHaveAudited(world, {
        action,
        outcome: 'failure',
        reason,
        workspace_id: acme.id,
      });
    }
  });

  it('of a token that was presented to somebody, with the code of the verification', async () => {
    const token = await world.token({ name: 'Partner', allowed_ips: ['192.0.2.0/24'] }, caller);
    const of = (secret: string, ask: object, by = caller): Promise<Answer> =>
      by.post('/v1/tokens/verify', { token: secret, ...ask });
    const asked: [Promise<Answer>, string, string | null][] = [
      [of('nonsense', {}), 'malformed', null],
      [of(unissued('tkn'), {}), 'not_found', null],
      [of(acme.key, {}), 'not_found', null],
      [of(token.token, {}), 'ip_not_allowed', token.id],
      [of(token.token, { client_ip: '192.0.2.1', scopes: ['b:c'] }), 'insufficient_scope', token.id],
    ];
    for (const [sent, reason, target_id] of asked) {
      const answer = await sent;
      expect(answer.body).toMatchObject({ valid: false, code: reason });
      const action = 'token.verify';
      await expect(answer).toHaveAudited(world, {
        action,
        outcome: 'denied',
        reason,
        target_id,
        workspace_id: acme.id,
      });
      expect(await world.eventsOf(answer.requestId)).toMatchObject([
        { id: answer.body.event_id, status: 200 },
      ]);
    }
    // To another workspace it does not exist, and its owner's log says nothing of who asked.
    const foreign = await of(token.token, {}, world.root);
    await expect(foreign).toHaveAudited(world, { outcome: 'denied', reason: 'not_found', target_id: null });
    expect((await world.eventsOf(foreign.requestId))[0]!.workspace_id).not.toBe(acme.id);
  });

  it('under the template of its route, never its URL', async () => {
    for (const path of [
      '/v1/tokens/tkn_live_secret?x=secret',
      '/v1/api-keys/%2e%2e%2fsecret',
      '/v1/scopes/a:secret',
    ]) {
      const { requestId } = await caller.delete(path);
      const [event] = await world.eventsOf(requestId);
      expect(event!.route).toMatch(/^\/v1\/[a-z-]+\/:(id|name)$/);
      expect(JSON.stringify({ ...event, target_id: null, target_name: null })).not.toContain('secret');
    }
  });

  it('with names that stay what they were when their owners are renamed or gone', async () => {
    const key = await world.apiKey({ name: 'Before' }, caller);
    const { id } = await world.token({ name: 'Partner' }, world.as(key.key));
    const first = await world.events(`actor_id=${key.id}&target_id=${id}`, caller);
    await caller.patch(`/v1/api-keys/${key.id}`, { name: 'After' });
    await world.as(key.key).patch(`/v1/tokens/${id}`, { name: 'Partner, renamed' });
    await caller.delete(`/v1/api-keys/${key.id}`);
    await caller.delete(`/v1/tokens/${id}`);
    await world.as(key.key).get('/v1/me');

    const events = await world.events(`actor_id=${key.id}&order=asc`, caller);
    // It may have got its place in the log meanwhile.
    expect(events.slice(0, 1)).toMatchObject(first.map(({ index: _, ...event }) => event));
    expect(
      events.map(({ action, outcome, actor, target }) => [action, outcome, actor.name, target?.name]),
    ).toEqual([
      ['token.issue', 'success', 'Before', 'Partner'],
      ['token.update', 'success', 'After', 'Partner'],
      ['me.read', 'denied', 'After', undefined],
    ]);
    const ofTarget = await world.events(`target_id=${key.id}&order=asc`, caller);
    expect(ofTarget.map(({ action, target }) => [action, target?.name])).toEqual([
      ['api_key.create', 'Before'],
      ['api_key.update', 'Before'],
      ['api_key.delete', 'After'],
    ]);
  });

  async function stranger(secret: string, reason: string): Promise<Refused> {
    return { secret, reason, known: null };
  }

  /** A credential of Acme's that was good, and then is spoilt. */
  async function spoilt(
    type: 'api_key' | 'token',
    reason: string,
    spoil: (made: { id: string; secret: string }) => Promise<unknown>,
    body: object = {},
  ): Promise<Refused> {
    const made: Json =
      type === 'api_key' ? await world.apiKey(body, caller) : await world.token(body, caller);
    const secret = String(made.key ?? made.token);
    if (spoil !== never) expect((await world.as(secret).get('/v1/me')).status).toBe(200);
    await spoil({ id: made.id, secret });
    return { secret, reason, known: { type, id: made.id, name: String(made.name) } };
  }

  async function pass(): Promise<void> {
    world.clock.advance(60_000);
  }

  /** It was never good. */
  async function never(): Promise<void> {
    // Nothing to do.
  }
});

function named({ type, id, name }: { type: string; id: string; name: string }, secret: string): object {
  const hint = `${secret.slice(0, secret.lastIndexOf('_') + 1)}…${secret.slice(-4)}`;
  return { actor_type: type, actor_id: id, actor_name: name, actor_hint: hint };
}

async function keysOf(caller: Caller): Promise<Json[]> {
  return (await caller.get<{ data: Json[] }>('/v1/api-keys?limit=100')).body.data.filter(
    ({ name }) => name === 'First key',
  );
}
