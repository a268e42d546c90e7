import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REPORTS_A_MINUTE } from '../../src/leaks/reporter.guard.js';
import { anotherAddress } from '../support/addresses.js';
import type { Answer } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { face } from '../support/face.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

describe('reporting a leaked value', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2, env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.clock.hold();
  });

  const report = (secret: unknown, address = anotherAddress(), instance = 0): Promise<Answer> =>
    world.anonymous(instance).with({ 'x-forwarded-for': address }).post('/v1/leaks', { secret });
  const eventOf = async ({ requestId }: Answer) =>
    (await world.eventsOf(requestId))[0] as { details: Record<string, unknown> };

  it('stops a token with its descendants at once, everywhere, and tells its owner', async () => {
    const { id: workspace_id, key } = await world.workspace('Owner');
    const owner = world.as(key);
    const parent = await world.token({ scopes: ['tokens:write', 'things:read'] }, owner);
    const child = await world.token({}, world.as(parent.token));

    const answer = await report(parent.token, '203.0.113.7');

    expect([answer.status, answer.body]).toEqual([200, { received: true }]);
    for (const { token } of [parent, child]) {
      expect(await world.verify(token, {}, world.as(key, 1))).toMatchObject({ code: 'revoked' });
    }
    await expect(answer).toHaveAudited(world, {
      action: 'secret.report',
      outcome: 'success',
      workspace_id,
      target_id: parent.id,
      actor_id: null,
      environment: 'live',
    });
    const [event] = await world.events('action=secret.report', owner);
    expect(event).toMatchObject({
      actor: { type: 'anonymous' },
      target: { type: 'token', name: parent.name },
      request: { ip: '203.0.113.7', route: '/v1/leaks' },
      details: {
        known: true,
        stopped: true,
        hint: parent.hint,
        revoked: 2,
        revoked_ids: expect.arrayContaining([child.id]),
      },
    });
    const { body } = await owner.get<Json>(`/v1/tokens/${parent.id}`);
    expect(body).toMatchObject({ status: 'revoked', revoked_reason: 'Its value was reported as leaked' });
  });

  it('stops an API key', async () => {
    const { id, key } = await world.apiKey({ environment: 'test' });
    const answer = await report(key, undefined, 1);
    expect(answer.body).toEqual({ received: true });
    const refused = await world.as(key).get('/v1/me');
    expect(refused).toBeProblem('unauthorized');
    await expect(refused).toHaveAudited(world, { reason: 'deleted_key', actor_id: id });
    expect(await world.root.get(`/v1/api-keys/${id}`)).toBeProblem('not_found');
    await expect(answer).toHaveAudited(world, { target_id: id, environment: 'test', outcome: 'success' });
    const search = await world
      .as((await world.apiKey({ environment: 'test' })).key)
      .post('/v1/audit-events/search-by-secret', { secret: key });
    expect(search.body.credential).toMatchObject({ id, ended_reason: 'revoked' });
  });

  it('answers the same whatever the value is, and writes of an unknown one into the log of the instance', async () => {
    const dead = await world.token();
    await world.root.delete(`/v1/tokens/${dead.id}`);
    const values = [
      (await world.token()).token,
      (await world.apiKey()).key,
      dead.token,
      unissued(),
      unissued('tkn'),
    ];
    const answers: Answer[] = [];
    for (const value of [...values, mistyped(dead.token), 'no secret', 'ä\n'.repeat(200)])
      answers.push(await report(value));
    for (const answer of answers) expect(face(answer)).toEqual(face(answers[0]!));
    await expect(answers[3]!).toHaveAudited(world, {
      workspace_id: 'instance',
      target_id: null,
      outcome: 'success',
    });
    expect((await eventOf(answers[3]!)).details).toEqual({
      known: false,
      hint: expect.stringMatching(/^tok_live_…/),
      stopped: false,
    });
  });

  it('changes nothing of what is over: revoked, expired, regenerated or deleted', async () => {
    const revoked = await world.token();
    await world.root.post(`/v1/tokens/${revoked.id}/revoke`, { reason: 'before' });
    const expired = await world.token({ expires_in: 1 });
    const late = await world.apiKey({ expires_at: new Date(world.clock.now() + 1000).toISOString() });
    const regenerated = await world.apiKey();
    const { body } = await world.root.post<{ key: string }>(`/v1/api-keys/${regenerated.id}/regenerate`);
    const deleted = await world.apiKey();
    await world.root.delete(`/v1/api-keys/${deleted.id}`);
    world.clock.advance(1000);
    const before = await Promise.all([revoked, expired].map(({ id }) => world.root.get(`/v1/tokens/${id}`)));

    for (const value of [revoked.token, expired.token, late.key, regenerated.key, deleted.key]) {
      const answer = await report(value);
      expect((await eventOf(answer)).details).toMatchObject({ known: true, stopped: false });
    }

    const after = await Promise.all([revoked, expired].map(({ id }) => world.root.get(`/v1/tokens/${id}`)));
    expect(after.map((each) => each.body)).toEqual(before.map((each) => each.body));
    expect((await world.root.get(`/v1/api-keys/${late.id}`)).status).toBe(200);
    expect((await world.as(body.key).get('/v1/me')).status).toBe(200);
  });

  it('a value that lives on for a while after a rotation stops the token, and after that nothing', async () => {
    const [one, two] = [await world.token(), await world.token()];
    const until = new Date(world.clock.now() + 1000);
    await world.database.query(`update credential_secrets set valid_until = $1 where owner_id = any($2)`, [
      until,
      [one.id, two.id],
    ]);
    await report(one.token);
    world.clock.advance(1000);
    await report(two.token);
    expect((await world.root.get<Json>(`/v1/tokens/${one.id}`)).body.status).toBe('revoked');
    expect((await world.root.get<Json>(`/v1/tokens/${two.id}`)).body.status).toBe('active');
  });

  it('stops a suspended token too, which could have come back', async () => {
    const { id, token } = await world.token();
    await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
    await report(token);
    expect((await world.root.get<Json>(`/v1/tokens/${id}`)).body.status).toBe('revoked');
  });

  it('by many at once stops it once, and never a key by a value it no longer has', async () => {
    const { token } = await world.token();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_each, at) => report(token, undefined, at % 2)),
    );
    const stopped = await Promise.all(answers.map(async (answer) => (await eventOf(answer)).details.stopped));
    expect(stopped.filter((each) => each === true)).toHaveLength(1);
    for (let round = 0; round < 4; round++) {
      const { id, key } = await world.apiKey();
      const [fresh] = await Promise.all([
        world.root.post<{ key: string }>(`/v1/api-keys/${id}/regenerate`),
        report(key, undefined, 1),
      ]);
      if (fresh.status === 200) expect((await world.as(fresh.body.key).get('/v1/me')).status).toBe(200);
      else expect(fresh).toBeProblem('not_found');
    }
  });

  it('needs no credential, and takes none into account', async () => {
    const { token } = await world.token();
    const answer = await world.root.post('/v1/leaks', { secret: token });
    await expect(answer).toHaveAudited(world, { actor_id: null, outcome: 'success' });
  });

  it('keeps neither the value nor the address of who has only reported', async () => {
    const { token } = await world.token();
    const unknown = unissued();
    for (const value of [token, unknown]) await report(value);
    const stored = await everythingStored(world.database);
    for (const value of [token, unknown]) expect(stored).not.toContain(value.slice(9));
    const rows = await world.database.query<{ network: Buffer }>('select network from leak_reporters');
    expect(rows.every(({ network }) => network.length === 32)).toBe(true);
  });

  it('is taken from one network so often a minute, counted for all instances together', async () => {
    const network = anotherAddress().replace(/::1$/, '');
    const from = (at: number): Promise<Answer> =>
      report(unissued(), `${network}:0:1:${at.toString(16)}::`, at % 2);
    const { token } = await world.token();
    const answers = await Promise.all(Array.from({ length: REPORTS_A_MINUTE + 5 }, (_each, at) => from(at)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(REPORTS_A_MINUTE);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);

    world.clock.advance(59_999);
    const refused = await report(token, `${network}::1`);
    expect(refused).toBeProblem('rate_limited');
    expect(refused.headers.get('retry-after')).toBe('1');
    await expect(refused).toHaveAudited(world, {
      action: 'secret.report',
      outcome: 'denied',
      reason: 'rate_limited',
      workspace_id: 'instance',
    });
    expect(await world.verify(token)).toMatchObject({ valid: true });
    expect((await report(token)).status).toBe(200);

    world.clock.advance(1);
    expect((await report(unissued(), `${network}::1`)).status).toBe(200);
  });

  it('sweeps the counts of past minutes away', async () => {
    for (let n = 0; n < 5; n++) await report(unissued());
    world.clock.advance(60_000);
    await report(unissued());
    await report(unissued());
    const [row] = await world.database.query<{ count: number }>(
      'select count(*)::int as count from leak_reporters where since < $1',
      [new Date(world.clock.now())],
    );
    const [all] = await world.database.query<{ count: number }>(
      'select count(*)::int as count from leak_reporters',
    );
    expect(all!.count).toBeLessThan(70);
    expect(row!.count).toBeLessThan(all!.count);
  });

  it.each([
    [undefined, ['secret']],
    [{}, ['secret']],
    [{ secret: 7 }, ['secret']],
    [{ secret: '' }, ['secret']],
    [{ secret: 'x'.repeat(513) }, ['secret']],
    [{ secret: 'x', url: 'y' }, ['url']],
  ])('refuses %j', async (body, fields) => {
    const answer = await world
      .anonymous()
      .with({ 'x-forwarded-for': anotherAddress() })
      .post('/v1/leaks', body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, {
      action: 'secret.report',
      reason: 'invalid_request',
      workspace_id: 'instance',
    });
  });
});
