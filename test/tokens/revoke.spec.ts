import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';

describe('revoking a token', () => {
  let world: World;
  const revoke = (id: string, body?: object, instance = 0) =>
    world.as(world.rootKey, instance).post<Json>(`/v1/tokens/${id}/revoke`, body);
  const read = async (id: string) => (await world.root.get<Json>(`/v1/tokens/${id}`)).body;
  const scopes = ['tokens:write', 'things:read'];

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  afterAll(() => world.close());

  it('answers with the token, revoked at this moment for this reason', async () => {
    const { id, token: _, ...before } = await world.token();
    world.clock.advance(5);
    const answer = await revoke(id, { reason: 'The contract ended' });
    const revoked_at = new Date(world.clock.now()).toISOString();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...before,
      id,
      status: 'revoked',
      revoked_at,
      revoked_reason: 'The contract ended',
    });
    expect(await read(id)).toEqual(answer.body);
    await expect(answer).toHaveAudited(world, { action: 'token.revoke', outcome: 'success', target_id: id });
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event).toMatchObject({
      changes: [{ field: 'revoked_at', from: null, to: revoked_at }],
      details: { reason: 'The contract ended', revoked: 1 },
    });
  });

  it('needs no reason', async () => {
    for (const body of [undefined, {}, { reason: null }]) {
      const { id } = await world.token();
      expect((await revoke(id, body)).body).toMatchObject({ status: 'revoked', revoked_reason: null });
    }
  });

  it('refuses a reason that is none', async () => {
    const { id } = await world.token();
    for (const reason of ['', 7, 'x'.repeat(501)]) {
      expect(await revoke(id, { reason })).toBeProblem('invalid_request', ['reason']);
    }
    expect((await read(id)).status).toBe('active');
  });

  it('by DELETE answers 204 with no body, and keeps the token readable', async () => {
    const { id, token } = await world.token();
    const answer = await world.root.delete(`/v1/tokens/${id}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    await expect(answer).toHaveAudited(world, { action: 'token.revoke', outcome: 'success', target_id: id });
    expect(await read(id)).toMatchObject({ status: 'revoked', revoked_reason: null });
    expect(await world.verify(token)).toMatchObject({ valid: false, code: 'revoked' });
  });

  it('kills it for the very next request on every instance, as a credential and when verified', async () => {
    const { id, token } = await world.token();
    expect((await world.as(token, 1).get('/v1/me')).status).toBe(200);
    await revoke(id);
    for (const instance of [1, 0]) {
      const refused = await world.as(token, instance).get('/v1/me');
      expect(refused).toBeProblem('unauthorized');
      await expect(refused).toHaveAudited(world, { reason: 'revoked_token', actor_id: id });
      expect(await world.verify(token, {}, world.as(world.rootKey, instance))).toMatchObject({
        code: 'revoked',
      });
    }
  });

  it('again changes nothing, not even the moment and the reason', async () => {
    const { id } = await world.token();
    const first = await revoke(id, { reason: 'first' });
    world.clock.advance(1000);
    const again = await revoke(id, { reason: 'second' });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect((await world.root.delete(`/v1/tokens/${id}`)).status).toBe(204);
    expect(await read(id)).toEqual(first.body);
    const [event] = await world.events(`request_id=${again.requestId}`);
    expect(event).toMatchObject({ outcome: 'success', changes: null, details: { revoked: 0 } });
  });

  it('takes all its descendants along, at once and everywhere, and nobody else', async () => {
    const top = await world.token({ scopes });
    const one = await world.token({ scopes }, world.as(top.token));
    const two = await world.token({ scopes }, world.as(one.token));
    const leaf = await world.token({}, world.as(two.token));
    const aside = await world.token({ scopes }, world.as(top.token));
    const answer = await revoke(one.id, { reason: 'leaked' });
    for (const { id, token } of [one, two, leaf]) {
      expect(await read(id)).toMatchObject({ status: 'revoked', revoked_reason: 'leaked' });
      expect(await world.verify(token, {}, world.as(world.rootKey, 1))).toMatchObject({ code: 'revoked' });
      expect(await world.as(token, 1).get('/v1/me')).toBeProblem('unauthorized');
    }
    for (const { id } of [top, aside]) expect((await read(id)).status).toBe('active');
    const [event] = await world.events(`request_id=${answer.requestId}`);
    expect(event?.details).toMatchObject({ revoked: 3 });
  });

  it('leaves a descendant revoked before with its own moment and reason', async () => {
    const parent = await world.token({ scopes });
    const child = await world.token({}, world.as(parent.token));
    const { body } = await revoke(child.id, { reason: 'its own' });
    world.clock.advance(1000);
    await revoke(parent.id, { reason: 'the parent' });
    expect(await read(child.id)).toEqual(body);
  });

  it('reaches a child that is issued at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const parent = await world.token({ scopes });
      const [issued] = await Promise.all([
        world
          .as(parent.token, 1)
          .post<{ token: string }>('/v1/tokens', { name: 'child', scopes: ['things:read'] }),
        revoke(parent.id),
      ]);
      if (issued.status !== 201) expect(issued).toBeProblem('unauthorized');
      else expect(await world.verify(issued.body.token)).toMatchObject({ valid: false, code: 'revoked' });
    }
  });

  it('of one family by many at the same time is one revocation of each and no failure', async () => {
    const family = [await world.token({ scopes })];
    for (let n = 0; n < 8; n++) {
      const parent = family[Math.floor(n / 2)]!;
      family.push(await world.token({ scopes }, world.as(parent.token)));
    }
    const answers = await Promise.all(
      family.map(({ id }, n) => revoke(id, { reason: `by ${String(n)}` }, n % 2)),
    );
    expect(answers.map(({ status }) => status)).toEqual(family.map(() => 200));
    const events = await Promise.all(
      answers.map(async ({ requestId }) => (await world.eventsOf(requestId))[0]),
    );
    const revoked = events.map((event) => (event?.details as { revoked: number }).revoked);
    expect(revoked.reduce((sum, each) => sum + each, 0)).toBe(family.length);
  });

  it('of an ancestor and a descendant at the same time cannot deadlock', async () => {
    const top = await world.token({ scopes });
    const middle = await world.token({ scopes }, world.as(top.token));
    const leaf = await world.token({ scopes }, world.as(middle.token));
    // Of many tokens PostgreSQL finds a family in the order of the disk, where a changed row comes last.
    await world.root.patch(`/v1/tokens/${middle.id}`, { scopes: [...scopes, 'more:things'] });
    await world.database.query(
      `insert into tokens (id, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type)
       select id || n, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type
         from tokens, generate_series(1, 5000) n where id = $1`,
      [top.id],
    );
    await world.database.query('analyze tokens');
    const waiting = async (count: number) => {
      const sql = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await world.database.query(sql)).length < count);
    };
    const holder = new pg.Client({ connectionString: world.database.adminUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from tokens where id = $1 for update', [leaf.id]);
    const ofTop = revoke(top.id);
    await waiting(1);
    const ofMiddle = revoke(middle.id);
    await waiting(2);
    await holder.query('commit');
    await holder.end();
    expect((await ofTop).status).toBe(200);
    expect((await ofMiddle).status).toBe(200);
    for (const { id } of [top, middle, leaf]) expect((await read(id)).status).toBe('revoked');
  });

  it('of a token that is disabled or over works as well', async () => {
    const { id } = await world.token({ expires_in: 1 });
    await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
    world.clock.advance(1000);
    expect((await revoke(id)).body).toMatchObject({ status: 'revoked' });
  });
});
