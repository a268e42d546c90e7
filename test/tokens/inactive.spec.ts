import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InactiveTokens } from '../../src/tokens/inactive/inactive-tokens.js';
import { exchanged, postForm } from '../oauth/oauth-client.js';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('a token that nobody uses', () => {
  let world: World;
  let key: string;
  let by: Caller;
  const run = (instance = 0) => world.apps[instance]!.get(InactiveTokens).run();
  const read = async (id: string) => (await by.get<Json>(`/v1/tokens/${id}`)).body;
  const suspensions = (caller = by) => world.events('action=token.suspend&limit=1000', caller);

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  beforeEach(async () => {
    ({ key } = await world.workspace('Example Ltd'));
    by = world.as(key);
    await by.patch('/v1/workspace', { inactive_after_days: 30 });
  });
  afterAll(() => world.close());

  it('is suspended at the end of the time, exactly, with an event that says why', async () => {
    const { id, token } = await world.token({ name: 'idle' }, by);
    world.clock.advance(30 * DAY_MS - 1);
    await run();
    expect((await read(id)).status).toBe('active');
    world.clock.advance(HOUR_MS);
    await run();
    expect(await read(id)).toMatchObject({
      status: 'disabled',
      enabled: false,
      suspended_at: new Date(world.clock.now()).toISOString(),
      suspended_reason: 'inactive',
    });
    expect(await world.verify(token, {}, by)).toMatchObject({ code: 'disabled' });
    expect(await suspensions()).toMatchObject([
      {
        outcome: 'success',
        environment: 'live',
        actor: { type: 'system' },
        target: { id, name: 'idle' },
        changes: [{ field: 'enabled', from: true, to: false }],
        details: { reason: 'inactive', inactive_after_days: 30, last_used_at: null },
      },
    ]);
  });

  it('is enabled again by its owner, and has the whole time anew', async () => {
    const { id, token } = await world.token({}, by);
    world.clock.advance(30 * DAY_MS);
    await run();
    const answer = await by.patch<Json>(`/v1/tokens/${id}`, { enabled: true });
    expect(answer.body).toMatchObject({ status: 'active', suspended_at: null, suspended_reason: null });
    expect(await world.verify(token, {}, by)).toMatchObject({ code: 'valid' });
    world.clock.advance(30 * DAY_MS - 1);
    await run();
    expect((await read(id)).status).toBe('active');
    world.clock.advance(HOUR_MS);
    await run();
    expect((await read(id)).suspended_reason).toBe('inactive');
    expect(await suspensions()).toHaveLength(2);
  });

  it('is one that was used neither as a caller nor presented, by itself or by what it issued', async () => {
    const scopes = ['tokens:write', 'tokens:read', 'things:read'];
    const caller = await world.token({ scopes }, by);
    const presented = await world.token({}, by);
    const introspected = await world.token({}, by);
    const traded = await world.token({}, by);
    const parent = await world.token({ scopes }, by);
    const middle = await world.token({ scopes }, world.as(parent.token));
    const leaf = await world.token({}, world.as(middle.token));
    const sibling = await world.token({}, world.as(parent.token));
    const refused = await world.token({}, by);
    const later = await world.token(
      { not_before: new Date(world.clock.now() + 10 * DAY_MS).toISOString() },
      by,
    );
    world.clock.advance(29 * DAY_MS);
    await world.as(caller.token).get('/v1/tokens');
    await world.verify(presented.token, {}, by);
    await postForm(world, '/oauth/introspect', { token: introspected.token }, `Bearer ${key}`);
    await exchanged(world, traded.token);
    await world.verify(leaf.token, {}, by);
    await world.verify(refused.token, { scopes: ['more:rights'] }, by);
    const young = await world.token({}, by);
    world.clock.advance(DAY_MS);
    await run();
    for (const { id } of [caller, presented, introspected, traded, parent, middle, leaf, later, young]) {
      expect((await read(id)).suspended_reason).toBeNull();
    }
    for (const { id } of [sibling, refused]) expect((await read(id)).suspended_reason).toBe('inactive');
    // It is the workspace's policy: no token undoes it, nor gets round it.
    const undone = await world.as(parent.token).patch(`/v1/tokens/${sibling.id}`, { enabled: true });
    expect(undone).toBeProblem('forbidden');
  });

  it('is left alone where the workspace does not say so, and once it is over anyway', async () => {
    await by.patch('/v1/workspace', { inactive_after_days: null });
    const { id } = await world.token({}, by);
    const revoked = await world.token({}, by);
    const over = await world.token({ expires_in: 1 }, by);
    const suspended = await world.token({}, by);
    await by.post(`/v1/tokens/${revoked.id}/revoke`);
    await by.patch(`/v1/tokens/${suspended.id}`, { enabled: false });
    world.clock.advance(60 * DAY_MS);
    await run();
    expect((await read(id)).status).toBe('active');
    expect(await suspensions()).toEqual([]);
    await by.patch('/v1/workspace', { inactive_after_days: 30 });
    await run();
    for (const each of [revoked, over, suspended]) {
      expect((await read(each.id)).suspended_reason).toBeNull();
    }
    expect(await suspensions()).toHaveLength(1);
  });

  it('is suspended in both environments, and the event is in its own', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' }, by)).key);
    const { id } = await world.token({}, test);
    world.clock.advance(30 * DAY_MS);
    await run();
    expect(await suspensions(test)).toMatchObject([{ target: { id }, environment: 'test' }]);
    expect(await suspensions()).toEqual([]);
  });

  it('is suspended once, by one of several instances, with all the others that are', async () => {
    const { id } = await world.token({ name: 'one of many' }, by);
    await world.database.query(
      `insert into tokens (id, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type)
       select left(id, 26) || lpad(n::text, 6, '0'), workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type
         from tokens, generate_series(1, 450) n where id = $1`,
      [id],
    );
    world.clock.advance(30 * DAY_MS);
    await Promise.all([run(0), run(1)]);
    await Promise.all([run(0), run(1)]);
    const told = (await suspensions()).map(({ target }) => target?.id);
    expect(told).toHaveLength(451);
    expect(new Set(told).size).toBe(451);
    const left = await world.database.query(`select from tokens where name = 'one of many' and enabled`);
    expect(left).toEqual([]);
  });
});
