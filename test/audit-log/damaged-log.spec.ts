import { expect, it } from '@jest/globals';
import { World } from '../support/world.js';

it('a log that is damaged keeps no other from being sequenced', async () => {
  const lines: string[] = [];
  const world = await World.start({ onLog: (line) => lines.push(line) });
  try {
    const [damaged, whole] = [await world.workspace('damaged'), await world.workspace('whole')];
    await world.as(damaged.key).get('/v1/me');
    while ((await world.database.query('select from audit_pending')).length > 0);
    await world.database.query(`update audit_trees set frontier = '' where workspace_id = $1`, [damaged.id]);

    await Promise.all(
      Array.from({ length: 40 }, (_each, at) => world.as(at % 2 ? damaged.key : whole.key).get('/v1/me')),
    );
    const places = async (): Promise<(number | null)[]> =>
      (await world.events('limit=100&action=me.read', world.as(whole.key))).map(({ index }) => index);
    // It takes a second look to see whose log it is; the time limit of the test is the only one here.
    while ((await places()).includes(null));
    expect((await world.as(whole.key).get('/v1/audit-log/checkpoint')).status).toBe(200);
    expect(await world.events('limit=1', world.as(damaged.key))).toMatchObject([{ index: null }]);
    expect(lines.join('')).toContain('events cannot be sequenced');
  } finally {
    await world.close();
  }
});
