import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SecretStore } from '../../src/credentials/secret-store.js';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World, type EventJson } from '../support/world.js';

interface Found {
  credential: Record<string, unknown> | null;
  data: EventJson[];
  next_cursor: string | null;
}

const PATH = '/v1/audit-events/search-by-secret';
const NOTHING = { credential: null, data: [], next_cursor: null };

describe('a search by secret', () => {
  let world: World;
  let workspaceId: string;
  let caller: Caller;

  beforeAll(async () => {
    world = await World.start();
    const { id, key } = await world.workspace('Leaky');
    workspaceId = id;
    caller = world.as(key);
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  const ask = (secret: string, more: object = {}, by = caller): Promise<Answer<Found>> =>
    by.post<Found>(PATH, { secret, ...more });
  const search = async (secret: string, by = caller): Promise<Found> => {
    const answer = await ask(secret, {}, by);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  /** What the found events are of, oldest first. */
  const told = ({ data }: Found): string[] =>
    data.map(({ action, reason }) => (reason === null ? action : `${action} ${reason}`)).reverse();

  it('finds what a token did as a caller, and every time it was presented', async () => {
    const { id, token } = await world.token({ name: 'Partner', scopes: ['tokens:read'] }, caller);
    const other = await world.token({ name: 'Other' }, caller);
    await world.as(token).get('/v1/tokens');
    await world.as(token).get(`/v1/tokens/${other.id}`);
    await world.as(token).get('/v1/scopes');
    await world.verify(token, {}, caller);
    await world.verify(token, { scopes: ['more:rights'] }, caller);
    await caller.post('/v1/tokens/verify-batch', { items: [{ token }, { token: other.token }] });
    // Of others, or about the token without its value.
    await world.as(other.token).get('/v1/me');
    await caller.get(`/v1/tokens/${id}`);

    const found = await search(token);
    expect(found.credential).toEqual({
      type: 'token',
      id,
      name: 'Partner',
      hint: `tkn_live_…${token.slice(-4)}`,
      environment: 'live',
      status: 'active',
      ended_at: null,
      ended_reason: null,
    });
    expect(told(found)).toEqual([
      'token.list',
      'token.read',
      'scope.list insufficient_scope',
      'token.verify',
      'token.verify insufficient_scope',
      'token.verify',
    ]);
    expect(found.next_cursor).toBeNull();
    const listed = await world.events(`action=token.list&actor_id=${id}`, caller);
    expect(found.data.at(-1)!.id).toBe(listed[0]!.id);
  });

  it('tells the values of one API key apart, and finds what a dead one was refused', async () => {
    const { id, key } = await world.apiKey({ name: 'CI' }, caller);
    await world.as(key).get('/v1/me');
    const { body } = await caller.post<{ key: string }>(`/v1/api-keys/${id}/regenerate`);
    const endedAt = new Date(world.clock.now()).toISOString();
    await world.as(body.key).get('/v1/tokens');
    await world.as(key).get('/v1/scopes');

    const old = await search(key);
    expect(told(old)).toEqual(['me.read', 'scope.list regenerated_key']);
    expect(old.credential).toMatchObject({
      type: 'api_key',
      id,
      status: 'ended',
      ended_reason: 'regenerated',
    });
    expect(String(old.credential!.ended_at).slice(0, 16)).toBe(endedAt.slice(0, 16));
    const current = await search(body.key);
    expect(told(current)).toEqual(['token.list']);
    expect(current.credential).toMatchObject({ id, status: 'active', ended_at: null, ended_reason: null });
  });

  it('tells the values of one token apart when they are presented', async () => {
    const { id, token } = await world.token({}, caller);
    const second = await world.apps[0]!.get(SecretStore).create({
      workspaceId,
      environment: 'live',
      kind: 'token',
      ownerId: id,
    });
    await world.verify(token, { operation: 'with the first' }, caller);
    await world.verify(second.value, { operation: 'with the second' }, caller);
    for (const [secret, operation] of [
      [token, 'with the first'],
      [second.value, 'with the second'],
    ] as const) {
      const { data } = await search(secret);
      expect(data.map(({ details }) => details)).toEqual([
        { hint: `tkn_live_…${secret.slice(-4)}`, operation },
      ]);
    }
  });

  it('says of every value whether it is still good', async () => {
    const at = world.clock.now();
    const soon = new Date(at + 60_000).toISOString();
    const later = new Date(at + 86_400_000).toISOString();
    const tokens = {
      active: await world.token({}, caller),
      revoked: await world.token({}, caller),
      disabled: await world.token({}, caller),
      expired: await world.token({ expires_at: soon }, caller),
      pending: await world.token({ not_before: later }, caller),
    };
    await caller.post(`/v1/tokens/${tokens.revoked.id}/revoke`);
    await caller.patch(`/v1/tokens/${tokens.disabled.id}`, { enabled: false });
    const keys = {
      ended: await world.apiKey({}, caller),
      expired: await world.apiKey({ expires_at: soon }, caller),
      active: await world.apiKey({}, caller),
    };
    await caller.delete(`/v1/api-keys/${keys.ended.id}`);
    world.clock.advance(61_000);
    for (const [status, { id, token }] of Object.entries(tokens)) {
      expect((await search(token)).credential).toMatchObject({ type: 'token', id, status });
    }
    for (const [status, { id, key }] of Object.entries(keys)) {
      expect((await search(key)).credential).toMatchObject({ type: 'api_key', id, status });
    }
    expect((await search(keys.ended.key)).credential).toMatchObject({ ended_reason: 'deleted' });
    expect((await search(tokens.revoked.token)).credential).toMatchObject({ ended_reason: 'revoked' });
  });

  it('answers alike for what was never issued and for what is another workspace’s or environment’s', async () => {
    const elsewhere = await world.workspace('Elsewhere');
    const foreign = await world.token({ name: 'foreign' }, world.as(elsewhere.key));
    const testKey = (await world.apiKey({ environment: 'test' }, caller)).key;
    const ofTest = await world.token({ name: 'of test' }, world.as(testKey));
    await world.verify(foreign.token, {}, world.as(elsewhere.key));
    await world.verify(ofTest.token, {}, world.as(testKey));
    const { token } = await world.token({}, caller);
    const strangers = [unissued(), unissued('tkn'), mistyped(token), 'nonsense', '\u2028', world.rootKey];
    for (const secret of [...strangers, elsewhere.key, foreign.token, testKey, ofTest.token]) {
      const answer = await ask(secret);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: NOTHING });
      await expect(answer).toHaveAudited(world, {
        action: 'audit.search',
        outcome: 'success',
        target_id: null,
      });
    }
    expect(await search(token, world.as(testKey))).toEqual(NOTHING);
    expect((await search(ofTest.token, world.as(testKey))).credential).toMatchObject({ id: ofTest.id });
  });

  it('goes on page by page, with a cursor of that very value', async () => {
    const { token } = await world.token({}, caller);
    const other = await world.token({}, caller);
    for (let i = 0; i < 5; i++) await world.verify(token, { operation: String(i) }, caller);
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Found = (await ask(token, { limit: 2, ...(cursor !== null && { cursor }) })).body;
      seen.push(...page.data.map(({ details }) => details?.operation));
      cursor = page.next_cursor;
      if (cursor === null) break;
      for (const wrong of [other.token, unissued('tkn')]) {
        expect(await ask(wrong, { cursor })).toBeProblem('invalid_request', ['cursor']);
      }
    } while (seen.length < 10);
    expect(seen).toEqual(['4', '3', '2', '1', '0']);
  });

  it('keeps no secret: its own event names the credential and the hint', async () => {
    const { id, token, name } = await world.token({ name: 'Named' }, caller);
    const unknown = unissued('tkn');
    const answer = await ask(token);
    await ask(unknown);
    const [event] = await world.eventsOf(answer.requestId);
    expect(event).toMatchObject({
      action: 'audit.search',
      outcome: 'success',
      ...{ target_type: 'token', target_id: id, target_name: name },
      details: { hint: `tkn_live_…${token.slice(-4)}` },
    });
    const stored = await everythingStored(world.database);
    for (const secret of [token, unknown]) expect(stored).not.toContain(secret.slice(9, 30));
  });

  it.each([
    [{}, ['secret']],
    [{ secret: '' }, ['secret']],
    [{ secret: 1 }, ['secret']],
    [{ secret: 'x'.repeat(513) }, ['secret']],
    [{ secret: 'x', limit: 0 }, ['limit']],
    [{ secret: 'x', limit: 1001, cursor: '' }, ['cursor', 'limit']],
    [{ secret: 'x', cursor: 'nonsense' }, ['cursor']],
    [{ secret: 'x', token: 'x' }, ['token']],
  ])('refuses %j', async (body, fields) => {
    expect(await caller.post(PATH, body)).toBeProblem('invalid_request', fields);
  });

  it('is open to tokens with audit:read', async () => {
    const reader = await world.token({ scopes: ['audit:read'] }, caller);
    const other = await world.token({ scopes: ['tokens:*', 'scopes:*'] }, caller);
    expect((await search(reader.token, world.as(reader.token))).credential).toMatchObject({ id: reader.id });
    expect(await ask(reader.token, {}, world.as(other.token))).toBeProblem('forbidden');
  });
});
