import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';

const ACCEPT_PROBLEM = { accept: 'application/problem+json' };

describe('when something is wrong on our side', () => {
  let world: World;
  const log: string[] = [];
  beforeAll(async () => {
    world = await World.start({ env: { LOG_LEVEL: 'error' }, onLog: (line) => log.push(line) });
  });
  afterAll(() => world.close());

  /** Runs the work while the database is not as it should be. */
  async function whileBroken(breaking: string, mending: string, work: () => Promise<void>): Promise<void> {
    await world.database.query(breaking);
    try {
      await work();
    } finally {
      await world.database.query(mending);
    }
  }
  const whileUnrecordable = (work: () => Promise<void>) =>
    whileBroken(
      'revoke insert on audit_events from tooken_app',
      'grant insert on audit_events to tooken_app',
      work,
    );

  const keyIds = async () =>
    (await world.database.query<Json>('select id from api_keys order by id')).map(({ id }) => id);

  it('500 says nothing of it: no stack, no SQL, no path; the log does', async () => {
    const [rename, back] = ['regenerated_at to gone', 'gone to regenerated_at'];
    await whileBroken(
      `alter table api_keys rename column ${rename}`,
      `alter table api_keys rename column ${back}`,
      async () => {
        const answer = await world.root.get('/v1/api-keys');
        expect(answer.status).toBe(500);
        expect(answer.body).toEqual({
          error: 'internal',
          message: 'Something went wrong on our side',
          request_id: answer.requestId,
        });
        expect(answer.headers.get('cache-control')).toBe('no-store');
        await expect(answer).toHaveAudited(world, {
          action: 'api_key.list',
          outcome: 'failure',
          reason: 'internal',
        });
        const line = log.find((each) => each.includes(answer.requestId));
        expect(line).toContain('regenerated_at');

        const problem = await world.root.with(ACCEPT_PROBLEM).get('/v1/api-keys');
        expect(problem.body).toEqual({
          type: 'urn:tooken:problem:internal',
          title: 'Internal',
          status: 500,
          detail: 'Something went wrong on our side',
          instance: `urn:tooken:request:${problem.requestId}`,
          code: 'internal',
          request_id: problem.requestId,
        });
      },
    );
    expect((await world.root.get('/v1/api-keys')).status).toBe(200);
  });

  it('500 of a change leaves nothing of the change', async () => {
    const key = await world.apiKey();
    await whileBroken(
      'alter table api_keys rename column deleted_at to gone',
      'alter table api_keys rename column gone to deleted_at',
      async () => {
        expect((await world.root.delete(`/v1/api-keys/${key.id}`)).status).toBe(500);
      },
    );
    expect((await world.as(key.key).get('/v1/me')).status).toBe(200);
  });

  it('503 to everything that cannot be recorded; nothing changes, and it heals by itself', async () => {
    const key = await world.apiKey({ name: 'unchanged' });
    const before = await keyIds();
    await whileUnrecordable(async () => {
      const by = world.as(key.key);
      for (const answer of [
        await by.get('/v1/me'),
        await by.post('/v1/api-keys', { name: 'never' }),
        await by.patch(`/v1/api-keys/${key.id}`, { name: 'changed' }),
        await by.post(`/v1/api-keys/${key.id}/regenerate`),
        await by.delete(`/v1/api-keys/${key.id}`),
        await by.post('/v1/api-keys/revoke', { api_key: key.key }),
        await by.get('/v1/api-keys?limit=0'),
        await by.post('/v1/api-keys', '{'),
        await world.anonymous().get('/v1/me'),
      ]) {
        expect(answer).toBeProblem('unavailable');
        expect(Object.keys(answer.body).sort()).toEqual(['error', 'message', 'request_id']);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await world.eventsOf(answer.requestId)).toEqual([]);
      }
      expect((await world.anonymous().get('/livez')).status).toBe(200);
      expect((await world.anonymous().get('/nowhere')).status).toBe(404);
    });
    expect(await keyIds()).toEqual(before);
    expect((await world.as(key.key).get('/v1/me')).body.name).toBe('unchanged');
    expect((await world.root.post('/v1/api-keys', { name: 'works again' })).status).toBe(201);
  });

  it('503 when secrets cannot be looked up; that is recorded', async () => {
    await whileBroken(
      'revoke select on credential_secrets from tooken_app',
      'grant select on credential_secrets to tooken_app',
      async () => {
        const answer = await world.root.get('/v1/me');
        expect(answer).toBeProblem('unavailable');
        await expect(answer).toHaveAudited(world, {
          action: 'me.read',
          outcome: 'failure',
          reason: 'unavailable',
        });
      },
    );
    expect((await world.root.get('/v1/me')).status).toBe(200);
  });
});
