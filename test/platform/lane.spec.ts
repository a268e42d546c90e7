import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/caller.js';
import { World } from '../support/world.js';

const HEALS_WITHIN_MS = 10_000;

describe('when the database ends its connections', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.close());

  const end = (name: string): Promise<unknown> =>
    world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like $1`,
      [name],
    );
  const open = async (): Promise<Record<string, number>> => {
    const rows = await world.database.query<{ name: string; count: number }>(
      `select application_name as name, count(*)::int from pg_stat_activity
        where datname = current_database() and application_name like 'tooken %' group by 1`,
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };

  it.each(['tooken look-up', 'tooken audit', 'tooken%'])(
    'requests meanwhile are done or answered 503, and the next are done as ever: %s',
    async (name) => {
      const answers: Answer[] = [];
      let isOver = false;
      const callers = Array.from({ length: 8 }, async (_each, at) => {
        while (!isOver) {
          const scope = `made:by-${String(at)}-${String(answers.length)}`;
          answers.push(
            await (at % 2 ? world.root.get('/v1/me') : world.root.post('/v1/scopes', { name: scope })),
          );
        }
      });
      for (let i = 0; i < 10; i++) {
        const { length } = answers;
        await until(() => answers.length > length + 20);
        await end(name);
      }
      isOver = true;
      await Promise.all(callers);

      for (const answer of answers) if (answer.status >= 400) expect(answer).toBeProblem('unavailable');
      expect((await world.root.get('/v1/me')).status).toBe(200);
      expect((await world.root.post('/v1/scopes', { name: 'made:last' })).status).toBe(201);

      const events = await world.database.query<{ request_id: string; status: number; action: string }>(
        'select request_id, status, action from audit_events where action in ($1, $2)',
        ['me.read', 'scope.create'],
      );
      const recorded = new Map(events.map(({ request_id, status }) => [request_id, status]));
      const done = answers.filter(({ status }) => status < 400);
      expect(done.filter(({ requestId, status }) => recorded.get(requestId) !== status)).toEqual([]);
      const made = await world.database.query(`select from scopes where name like 'made:%'`);
      expect(made).toHaveLength(events.filter(({ status }) => status === 201).length);
    },
  );

  it('each lane opens one connection in the place of the one it lost, and leaves none behind', async () => {
    for (let i = 0; i < 5; i++) {
      await end('tooken%');
      await until(async () => (await world.root.get('/v1/me')).status === 200);
    }
    const ofEach = { 'tooken audit': 1, 'tooken look-up': 1, 'tooken sequencer': 1 };
    await until(async () => isDeepStrictEqual({ ...(await open()) }, ofEach));
  });
});

/** Looks again and again, for as long as healing may take. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + HEALS_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
