import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { verifyConsistency, verifyInclusion } from '../../src/audit-log/proofs/verify-proof.js';
import { PLACES } from '../../src/audit-log/scrubbing/scrub.query.js';
import { ScrubService } from '../../src/audit-log/scrubbing/scrub.service.js';
import { TreeStore } from '../../src/audit-log/sequencing/tree-store.js';
import { Database } from '../../src/platform/database/database.js';
import type { Month } from '../../src/platform/database/months.js';
import type { World } from '../support/world.js';
import { sequenced, writePast, type PastEvent } from './past-events.js';
import { ago, keep, partsOf, startWorld, workspaceOf } from './retention-world.js';

jest.setTimeout(60_000);

describe('when a credential was last used', () => {
  let world: World;
  let ws: string;
  afterAll(() => world.close());

  it('is still told after the event of that use was dropped, and never put back to an earlier use', async () => {
    world = await startWorld();
    // Nothing is used before it is made.
    world.clock.hold(ago(9).from);
    ws = await workspaceOf(world);
    const [key, token, both, never] = [
      await world.apiKey(),
      await world.token(),
      await world.token(),
      await world.apiKey(),
    ];
    world.clock.hold(Date.now());
    const [older, newer] = [ago(8), ago(6)];
    const use = (month: Month, n: number, event: object): PastEvent => ({
      workspace_id: ws,
      at: month.from + n,
      ...event,
    });
    const asCaller = (id: string, ip: string): object => ({ actor_id: id, ip });
    const verified = (id: string, ip: string, outcome = 'success'): object => ({
      action: 'token.verify',
      target_type: 'token',
      target_id: id,
      ip: '192.0.2.1',
      details: { client_ip: ip },
      outcome,
      reason: outcome === 'success' ? null : 'expired',
    });
    await writePast(world.database, [
      use(older, 0, asCaller(key.id, '192.0.2.10')),
      use(older, 1, asCaller(key.id, '192.0.2.11')),
      use(older, 2, verified(token.id, '2001:db8::1')),
      use(older, 3, verified(both.id, '192.0.2.30')),
      use(newer, 0, verified(token.id, '2001:db8::2')),
      use(newer, 1, verified(token.id, '2001:db8::3', 'denied')),
      use(newer, 2, asCaller(both.id, '192.0.2.31')),
      use(newer, 3, {
        ...asCaller(never.id, '192.0.2.40'),
        status: 401,
        outcome: 'denied',
        reason: 'deleted_key',
      }),
    ]);
    await sequenced(world.database);
    const uses = async (): Promise<unknown[]> => {
      const things = ['api-keys', 'tokens', 'tokens', 'api-keys'];
      const answers = [];
      for (const [at, { id }] of [key, token, both, never].entries()) {
        const { body } = await world.root.get(`/v1/${things[at]!}/${id}`);
        answers.push([body.last_used_at, body.last_used_ip]);
      }
      return answers;
    };
    const moment = (month: Month, n: number): string => new Date(month.from + n).toISOString();
    const before = await uses();
    expect(before).toEqual([
      [moment(older, 1), '192.0.2.11'],
      [moment(newer, 0), '2001:db8::2'],
      [moment(newer, 2), '192.0.2.31'],
      [null, null],
    ]);

    await keep(world);
    expect(await partsOf(world, older)).toEqual([]);
    expect(await partsOf(world, newer)).toEqual([]);
    expect(await uses()).toEqual(before);
    // And a use of today is the last one again.
    await world.verify(token.token, { client_ip: '198.51.100.7' });
    expect((await uses())[1]).toEqual([expect.stringMatching(/Z$/), '198.51.100.7']);
  });

  it('is kept for nobody who has been seen since: there the log itself knows', async () => {
    const month = ago(4);
    world.clock.hold(ago(9).from + 1);
    const { id, key } = await world.apiKey();
    world.clock.hold(Date.now());
    await writePast(world.database, [{ workspace_id: ws, at: month.from, actor_id: id, ip: '192.0.2.99' }]);
    await world.as(key).get('/v1/me');
    await sequenced(world.database);
    await keep(world);
    expect(await partsOf(world, month)).toEqual([]);
    expect(await world.database.query('select from audit_last_uses where credential_id = $1', [id])).toEqual(
      [],
    );
  });
});

describe('a scrub', () => {
  it('misses nothing that retention drops while it reads', async () => {
    const world = await startWorld();
    try {
      const [ws, month] = ['ws_of_the_past', ago(5)];
      const day = (n: number): PastEvent => ({ workspace_id: ws, at: month.from + n * 1000 });
      await writePast(
        world.database,
        Array.from({ length: 300 }, (_, n) => day(n)),
      );
      await sequenced(world.database);
      const database = world.apps[0]!.get(Database);
      const query = database.query.bind(database);
      const spy = jest.spyOn(database, 'query').mockImplementation(async (sql, parameters) => {
        if (sql === PLACES && (await partsOf(world, month)).length > 0) await keep(world);
        return query(sql, parameters);
      });
      const report = await world.apps[0]!.get(ScrubService).scrub(ws);
      spy.mockRestore();
      expect(await partsOf(world, month)).toEqual([]);
      expect(report).toMatchObject({ size: 300, events: 0, faults: [], failed: null });
    } finally {
      await world.close();
    }
  });
});

describe('proofs of a log that has lost its oldest months', () => {
  const SIZES = [1, 5, 255, 256, 257, 300, 511, 600];

  it('verify as before, can be made for every earlier size, and the tree grows on over what was kept of it', async () => {
    const world = await startWorld();
    try {
      const ws = 'ws_of_the_past';
      const [first, second] = [ago(6), ago(5)];
      const write = (month: Month, count: number): Promise<string[]> =>
        writePast(
          world.database,
          Array.from({ length: count }, (_, n) => ({ workspace_id: ws, at: month.from + n * 1000 })),
        );
      // 600 leaves: two full tiles, and 88 in the third, of which the first month has 44.
      await write(first, 300);
      await sequenced(world.database);
      await write(second, 300);
      await sequenced(world.database);
      const trees = world.apps[0]!.get(TreeStore);
      const reader = trees.reader(ws);
      const leaves = await world.database.query<{ leaf_hash: Buffer }>(
        'select leaf_hash from audit_entries where workspace_id = $1 order by index',
        [ws],
      );
      const roots = new Map<number, Buffer>();
      for (const size of SIZES) roots.set(size, await reader.root(size));
      const inclusions = await Promise.all(
        [0, 299, 555, 599].map(async (index) => ({ index, path: await reader.inclusion(index, 600) })),
      );

      await keep(world);
      expect(await partsOf(world, first)).toEqual([]);
      expect(await partsOf(world, second)).toEqual([]);
      await sequenced(world.database);
      // The event that tells of each month is in the tree as well.
      expect(await trees.size(ws)).toBe(602);
      const [after] = await world.database.query<{ places: number }>(
        'select count(*)::int as places from audit_entries where workspace_id = $1',
        [ws],
      );
      expect(after).toEqual({ places: 2 });

      for (const round of ['dropped', 'grown']) {
        if (round === 'grown') {
          await writePast(
            world.database,
            Array.from({ length: 300 }, (_, n) => ({ workspace_id: ws, at: Date.now() + n })),
          );
          await sequenced(world.database);
        }
        const newSize = await trees.size(ws);
        const newRoot = await reader.root(newSize);
        for (const [at, oldSize] of SIZES.entries()) {
          const oldRoot = roots.get(oldSize)!;
          expect(await reader.root(oldSize)).toEqual(oldRoot);
          for (const [size, root] of [
            ...SIZES.slice(at).map((each) => [each, roots.get(each)!] as const),
            [newSize, newRoot] as const,
          ]) {
            const path = await reader.consistency(oldSize, size);
            expect(verifyConsistency({ oldSize, oldRoot, newSize: size, newRoot: root, path })).toBe(true);
          }
        }
        for (const { index, path } of inclusions) {
          const leafHash = leaves[index]!.leaf_hash;
          const old = { leafHash, index, size: 600, root: roots.get(600)! };
          expect(verifyInclusion({ ...old, path })).toBe(true);
          expect(await reader.inclusion(index, 600)).toEqual(path);
          const anew = await reader.inclusion(index, newSize);
          expect(verifyInclusion({ leafHash, index, size: newSize, root: newRoot, path: anew })).toBe(true);
        }
        expect(await world.apps[0]!.get(ScrubService).scrub(ws)).toMatchObject({
          size: newSize,
          faults: [],
          failed: null,
        });
      }
    } finally {
      await world.close();
    }
  });
});
