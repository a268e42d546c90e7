import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Answer } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

/** Who cannot record does not keep its caller waiting longer (3 s, and some for a busy machine). */
const ANSWERS_WITHIN_MS = 4_000;

const TABLES = ['workspaces', 'api_keys', 'tokens', 'scopes', 'credential_secrets'];

describe('a change and its event', () => {
  let world: World;
  let key: Json & { key: string };
  let token: Json & { token: string };
  beforeEach(async () => {
    world = await World.start();
    [key, token] = await Promise.all([world.apiKey(), world.token()]);
    await world.root.post('/v1/scopes', { name: 'known:scope' });
  });
  afterEach(() => world.close());

  /** Everything a request can change. */
  const state = async (): Promise<unknown[]> =>
    Promise.all(TABLES.map((table) => world.database.query(`select * from ${table} order by 1, 2, 3`)));

  /** Every request that changes something. */
  const changes = (): [string, () => Promise<Answer>][] => [
    ['api_key.create', () => world.root.post('/v1/api-keys', { name: 'new' })],
    ['api_key.update', () => world.root.patch(`/v1/api-keys/${key.id}`, { name: 'renamed' })],
    ['api_key.regenerate', () => world.root.post(`/v1/api-keys/${key.id}/regenerate`)],
    ['api_key.revoke', () => world.root.post('/v1/api-keys/revoke', { api_key: key.key })],
    ['api_key.delete', () => world.root.delete(`/v1/api-keys/${key.id}`)],
    ['token.issue', () => world.root.post('/v1/tokens', { name: 'new', scopes: ['unknown:scope'] })],
    ['token.update', () => world.root.patch(`/v1/tokens/${token.id}`, { scopes: ['another:scope'] })],
    ['token.revoke', () => world.root.post(`/v1/tokens/${token.id}/revoke`)],
    ['token.revoke', () => world.root.delete(`/v1/tokens/${token.id}`)],
    ['scope.create', () => world.root.post('/v1/scopes', { name: 'new:scope' })],
    ['scope.update', () => world.root.patch('/v1/scopes/known:scope', { description: 'new' })],
    ['scope.delete', () => world.root.delete('/v1/scopes/known:scope')],
    ['workspace.create', () => world.root.post('/v1/workspaces', { name: 'New' })],
    ['workspace.update', () => world.root.patch('/v1/workspace', { name: 'Renamed' })],
  ];

  /** Requests that change nothing, refused ones among them. */
  const reads = (): (() => Promise<Answer>)[] => [
    () => world.root.get('/v1/me'),
    () => world.root.get('/v1/api-keys'),
    () => world.root.get(`/v1/tokens/${token.id}`),
    () => world.root.get('/v1/audit-events'),
    () => world.root.post('/v1/tokens/verify', { token: token.token }),
    () => world.root.post('/v1/tokens/verify-batch', { items: [{ token: token.token }, { token: 'x' }] }),
    () => world.root.get('/v1/tokens/token_00000000000000000000000000'),
    () => world.root.post('/v1/tokens', {}),
    () => world.as(token.token).get('/v1/api-keys'),
    () => world.anonymous().get('/v1/me'),
    () => world.root.with({ 'content-type': 'text/plain' }).post('/v1/tokens', 'x'),
    () => world.root.post('/v1/tokens', '{'),
  ];

  it('are both there, or the event of the failure alone: when the event is refused the change is undone', async () => {
    for (const [action, change] of changes()) {
      await refuseEvents(`new.action = '${action}' and new.outcome = 'success'`);
      const before = await state();
      const answer = await change();
      expect(answer).toBeProblem('unavailable');
      expect(answer.headers.get('retry-after')).toBe('1');
      await expect(answer).toHaveAudited(world, { action, outcome: 'failure', reason: 'unavailable' });
      expect(await state()).toEqual(before);
    }
    await refuseEvents('false');
    expect((await world.root.post('/v1/tokens', { name: 'new', scopes: ['a:b'] })).status).toBe(201);
  });

  it('are neither there when not even the failure can be recorded', async () => {
    await refuseEvents('true');
    const before = await state();
    for (const [, change] of changes()) {
      const answer = await change();
      expect(answer).toBeProblem('unavailable');
      expect(await world.eventsOf(answer.requestId)).toEqual([]);
    }
    expect(await state()).toEqual(before);
  });

  it('leave the event of the failure alone when the change fails at its very end', async () => {
    await world.database.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create constraint trigger refuse after insert or update on tokens deferrable initially deferred
        for each row execute function refuse()`);
    const before = await state();
    const refused = changes().filter(([action]) => action.startsWith('token.'));
    for (const [action, change] of refused) {
      const answer = await change();
      expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 500, error: 'internal' });
      await expect(answer).toHaveAudited(world, { action, outcome: 'failure', reason: 'internal' });
      const [event] = await world.eventsOf(answer.requestId);
      expect(event!.changes).toBeNull();
    }
    expect(await state()).toEqual(before);
  });

  it('are both refused while the log cannot be written, as are reads; this heals with its cause', async () => {
    const asks = [...reads(), ...changes().map(([, change]) => change)];
    await world.database.query('revoke insert on audit_events from tooken_app');
    const before = await state();
    const answers = await Promise.all(asks.map((ask) => ask()));
    for (const answer of answers) expect(answer).toBeProblem('unavailable');
    expect(await state()).toEqual(before);

    await world.database.query('grant insert on audit_events to tooken_app');
    for (const ask of reads()) {
      const answer = await ask();
      expect(answer.status).toBeLessThan(500);
      expect((await world.eventsOf(answer.requestId)).length).toBeGreaterThan(0);
    }
    for (const [action, change] of changes().slice(0, 1)) {
      await expect(await change()).toHaveAudited(world, { action, outcome: 'success' });
    }
  });

  it.each(['share', 'access exclusive'])('are refused in time while the log is locked (%s)', async (mode) => {
    const asks = [...reads(), ...changes().map(([, change]) => change)];
    const before = await state();
    const release = await locked(mode);
    try {
      const answers = await Promise.all(asks.map((ask) => timed(ask)));
      for (const { answer, ms } of answers) {
        expect(answer).toBeProblem('unavailable');
        expect(ms).toBeLessThan(ANSWERS_WITHIN_MS);
      }
      expect(await state()).toEqual(before);
      const late = await timed(() => world.root.get('/v1/me'));
      expect(late.answer).toBeProblem('unavailable');
      expect(late.ms).toBeLessThan(ANSWERS_WITHIN_MS);
    } finally {
      await release();
    }
    expect((await world.root.get('/v1/me')).status).toBe(200);
    expect((await world.root.post('/v1/scopes', { name: 'new:scope' })).status).toBe(201);
  });

  /** From now on the database refuses the events for which the condition holds. */
  async function refuseEvents(condition: string): Promise<void> {
    await world.database.query(`
      create or replace function refuse_event() returns trigger language plpgsql as $$
      begin if ${condition} then raise 'no'; end if; return new; end $$;
      create or replace trigger refuse_event before insert on audit_events
        for each row execute function refuse_event()`);
  }

  async function locked(mode: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: world.database.adminUrl });
    await client.connect();
    await client.query('begin');
    await client.query(`lock table audit_events in ${mode} mode`);
    return () => client.end();
  }
});

async function timed(ask: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const from = performance.now();
  const answer = await ask();
  return { answer, ms: performance.now() - from };
}
