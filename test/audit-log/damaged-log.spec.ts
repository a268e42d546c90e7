import { expect, it } from '@jest/globals';
import { Passes } from '../../src/audit-log/sequencing/passes.js';
import { Lane, type Ask } from '../../src/platform/database/lane.js';
import { World } from '../support/world.js';
import { eventOf, fill, Writer } from './direct-writes.js';

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

it('what commits meanwhile, having begun before, does not put a log that is whole in the place of the damaged one', async () => {
  const world = await World.start();
  const lane = new InterruptedLane(world.database.url, 'test');
  const [early, writer] = [await Writer.connect(world), await Writer.connect(world)];
  try {
    const [damaged, whole, other] = ['ws_damaged', 'ws_whole', 'ws_other'];
    await fill(world, damaged, 1);
    await world.apps[0]!.close();
    await world.database.query(`update audit_trees set frontier = '' where workspace_id = $1`, [damaged]);

    const commit = await early.begin([eventOf(other)]);
    await writer.write([eventOf(damaged), eventOf(whole)]);
    // A pass for all, one to part the logs, and then one for each.
    lane.before = (unit) => (unit === 3 ? commit() : undefined);
    const passes = new Passes(lane);
    await expect(passes.next()).rejects.toThrow('frontier');
    await passes.next();
    const placed = await world.database.query<{ workspace_id: string }>(
      'select workspace_id from audit_entries where workspace_id = any($1) order by 1',
      [[damaged, whole, other]],
    );
    expect(placed.map(({ workspace_id }) => workspace_id)).toEqual([damaged, other, whole]);
    expect(await passes.next()).toBe('nothing');
  } finally {
    await lane.close();
    await early.close();
    await writer.close();
    await world.close();
  }
});

/** Lets something happen just before one of its transactions. */
class InterruptedLane extends Lane {
  before: (unit: number) => Promise<void> | undefined = () => undefined;
  private units = 0;

  override async unit<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    await this.before(++this.units);
    return super.unit(work);
  }
}
