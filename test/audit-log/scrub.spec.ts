import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ENTITIES } from '../../src/app.entities.js';
import { CheckpointsService } from '../../src/audit-log/checkpoints/checkpoints.service.js';
import { LogSigner } from '../../src/audit-log/checkpoints/log-signer.js';
import { SignedMemory } from '../../src/audit-log/checkpoints/signed-memory.js';
import { WorkspaceLog } from '../../src/audit-log/reading/workspace-log.js';
import { NightlyScrub } from '../../src/audit-log/scrubbing/nightly-scrub.js';
import { PLACES } from '../../src/audit-log/scrubbing/scrub.query.js';
import { ScrubService } from '../../src/audit-log/scrubbing/scrub.service.js';
import { TreeStore } from '../../src/audit-log/sequencing/tree-store.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeDataSource } from '../../src/platform/database/data-source.js';
import { Database } from '../../src/platform/database/database.js';
import { SecretHasher } from '../../src/platform/secrets/secret-hasher.js';
import { SECRET_KEY, World } from '../support/world.js';
import { eventOf, fill, sequenced, workspaceOf, Writer } from './direct-writes.js';
import { DISARM, TAMPERINGS } from './tampering.js';

const TABLES = [
  'audit_events',
  'audit_entries',
  'audit_personal',
  'audit_tiles',
  'audit_trees',
  'audit_checkpoints',
];
const AT = 40;

describe('a scrub of the log', () => {
  let world: World;
  let scrub: ScrubService;
  let workspaceId: string;
  let eventId: string;
  let admin: pg.Client;
  let connected: Database;

  const asSuperuser = async (sql: string): Promise<void> => {
    await admin.query(sql).catch(async (error: unknown) => {
      await admin.query('rollback');
      throw error;
    });
  };

  beforeAll(async () => {
    world = await World.start();
    for (let i = 0; i < 320; i++) await world.root.get('/v1/me');
    const [newest] = await world.events('limit=1');
    expect((await world.root.get(`/v1/audit-events/${newest!.id}/proof`)).status).toBe(200);
    while ((await world.database.query('select from audit_pending')).length > 0);
    const [place] = await world.database.query<{ workspace_id: string; event_id: string }>(
      `select workspace_id, event_id from audit_entries where workspace_id like 'ws_%' and index = $1`,
      [AT],
    );
    workspaceId = place!.workspace_id;
    eventId = place!.event_id;
    // Nothing more is signed or sequenced while the log is tampered with.
    await world.apps[0]!.close();
    admin = new pg.Client({ connectionString: world.database.adminUrl });
    await admin.connect();
    await admin.query(DISARM);
    for (const table of TABLES) await admin.query(`create table ${table}_whole as select * from ${table}`);
    scrub = await reader();
  }, 60_000);
  afterAll(async () => {
    await admin.end();
    await connected.onApplicationShutdown();
    await world.close();
  });
  afterEach(async () => {
    await asSuperuser(
      TABLES.map((table) => `truncate ${table}; insert into ${table} select * from ${table}_whole`).join(';'),
    );
  });

  /** The scrub alone, beside a stopped product with its data folder. */
  const reader = async (): Promise<ScrubService> => {
    connected = new Database(makeDataSource(world.database.url, ENTITIES));
    await connected.connect();
    return scrubOf(world, connected);
  };

  it('finds nothing where nothing was done', async () => {
    for (const log of await scrub.logs()) {
      const { size, events, faults, failed } = await scrub.scrub(log);
      expect({ events, faults, failed }).toEqual({ events: size, faults: [], failed: null });
    }
    expect((await scrub.scrub(workspaceId)).size).toBeGreaterThan(320);
  });

  it.each(TAMPERINGS)('finds $way', async ({ sql, isOfEvent }) => {
    const filled = sql.replaceAll('$ws', `'${workspaceId}'`).replaceAll('$id', `'${eventId}'`);
    await asSuperuser(filled.replaceAll('$at', String(AT)));
    const { faults } = await scrub.scrub(workspaceId);
    expect(faults).not.toEqual([]);
    if (isOfEvent) expect(faults.some(({ index, event_id }) => index === AT || event_id !== null)).toBe(true);
  });

  it('finds another signature also in a log that was signed while it was empty', async () => {
    await asSuperuser(
      `insert into audit_checkpoints select workspace_id, 9, 0, sha256(''), note, created_at from audit_checkpoints
        where workspace_id = '${workspaceId}' limit 1;
       update audit_checkpoints set note = overlay(note placing 'AAAA' from length(note) - 20)
        where workspace_id = '${workspaceId}' and size > 0`,
    );
    const { faults } = await scrub.scrub(workspaceId);
    expect(faults.map(({ fault }) => fault).join()).toMatch(/signed note of the checkpoint of [1-9]/);
  });

  it('is not done with a log that it cannot read to its end, and says what it found until then', async () => {
    await asSuperuser(`update audit_entries set leaf_hash = 'x' where event_id = '${eventId}'`);
    expect(await scrub.scrub(workspaceId)).toMatchObject({
      events: AT,
      faults: [{ index: AT, event_id: eventId, fault: 'the event was changed' }],
      failed: expect.stringContaining('hash'),
    });
  });

  it('does not take an erased event for a changed one', async () => {
    await asSuperuser(`delete from audit_personal where event_id = '${eventId}'`);
    expect((await scrub.scrub(workspaceId)).faults).toEqual([]);
  });
});

/** The scrub as the product has it, with another door to the tables. */
function scrubOf(world: World, database: Database): ScrubService {
  const config = readConfig({ TOOKEN_DATA_DIR: `${world.dataDir}/0` }, () => true);
  const log = new WorkspaceLog(database);
  const trees = new TreeStore(database, log);
  const signer = new LogSigner(config, new SecretHasher(SECRET_KEY));
  const memory = new SignedMemory(config);
  const checkpoints = new CheckpointsService(database, trees, signer, memory, world.clock);
  return new ScrubService(database, log, trees, signer, checkpoints);
}

describe('a scrub of a long log', () => {
  /** More than two pages of whatever is read by the page. */
  const LENGTH = 2_200;
  let world: World;
  let workspaceId: string;
  let database: Database;
  let scrub: ScrubService;
  /** How many rows each statement has returned, of the events alone, and of all. */
  let pages: number[];
  let most: number;
  let onPage: () => void;

  beforeAll(async () => {
    world = await World.start();
    ({ id: workspaceId } = await world.workspace('long'));
    await fill(world, workspaceId, LENGTH);
    await world.apps[0]!.close();
    database = new Database(makeDataSource(world.database.url, ENTITIES));
    await database.connect();
    const query = database.query.bind(database);
    jest.spyOn(database, 'query').mockImplementation(async (sql, parameters) => {
      const rows = await query(sql, parameters);
      most = Math.max(most, rows.length);
      if (sql === PLACES) pages.push(rows.length);
      if (sql === PLACES) onPage();
      return rows;
    });
    scrub = scrubOf(world, database);
  }, 60_000);
  beforeEach(() => {
    pages = [];
    most = 0;
    onPage = () => undefined;
  });
  afterAll(async () => {
    await database.onApplicationShutdown();
    await world.close();
  });

  it('reads little at a time, however often the log was signed and whatever waits for its place', async () => {
    await world.database.query(
      `insert into audit_checkpoints select $1, epoch, size, '', '', now()
         from generate_series(1, 2) as epoch, generate_series(1, $2) as size`,
      [workspaceId, LENGTH + 2_000],
    );
    const writer = await Writer.connect(world);
    for (let each = 0; each < 3; each++)
      await writer.write(Array.from({ length: 500 }, () => eventOf(workspaceId)));
    await writer.close();
    const { events, faults, failed } = await scrub.scrub(workspaceId);
    expect({ events, failed }).toEqual({ events: LENGTH, failed: null });
    expect(faults).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(2_000);
    expect(faults.filter(({ event_id }) => event_id !== null)).toEqual([]);
  });

  it('ends with the page it is at when it is told to stop', async () => {
    const stop = new AbortController();
    onPage = () => {
      stop.abort();
    };
    await expect(scrub.scrub(workspaceId, stop.signal)).rejects.toThrow('aborted');
    expect(pages).toEqual([1_000]);
  });
});

describe('the nightly scrub', () => {
  const SCRUBS = `select id from audit_events where action = 'audit.scrub'`;

  it('is done once a day among all instances, and recorded in the log of the instance', async () => {
    const world = await World.start({ instances: 2 });
    try {
      const [first, second] = world.apps.map((app) => app.get(NightlyScrub, { strict: false }));
      expect((await first!.scrubIfDue())!.every(({ faults }) => faults.length === 0)).toBe(true);
      expect(await second!.scrubIfDue()).toBeNull();
      world.clock.advance(86_400_001);
      expect(await second!.scrubIfDue()).not.toBeNull();
      const events = await world.events('log=instance&action=audit.scrub');
      expect(events.map(({ outcome, actor }) => [outcome, actor.type])).toEqual([
        ['success', 'system'],
        ['success', 'system'],
      ]);
    } finally {
      await world.close();
    }
  });

  it('is done by one instance at a time, once', async () => {
    const world = await World.start({ instances: 2 });
    try {
      const [first, second] = world.apps.map((app) => app.get(NightlyScrub, { strict: false }));
      await Promise.all([first!, second!, first!, second!].map((each) => each.scrubIfDue()));
      expect(await world.database.query(SCRUBS)).toHaveLength(1);
    } finally {
      await world.close();
    }
  });

  it('is not spared by a scrub of a single log', async () => {
    const world = await World.start();
    try {
      const scrub = world.apps[0]!.get(NightlyScrub, { strict: false });
      await scrub.scrubAll([await workspaceOf(world)]);
      expect(await scrub.scrubIfDue()).not.toBeNull();
      expect(await scrub.scrubIfDue()).toBeNull();
      const events = await world.events('log=instance&action=audit.scrub');
      expect(events.map(({ details }) => details!.all_logs)).toEqual([true, false]);
    } finally {
      await world.close();
    }
  });

  it('goes on with the other logs when one cannot be read, and tells which', async () => {
    const lines: string[] = [];
    const world = await World.start({ onLog: (line) => lines.push(line) });
    try {
      const { id } = await world.workspace('another');
      await fill(world, 'instance', 3);
      await fill(world, id, 3);
      await world.database.query(DISARM);
      await world.database.query(
        `update audit_entries set leaf_hash = 'x' where workspace_id = 'instance' and index = 0`,
      );
      const reports = await world.apps[0]!.get(NightlyScrub, { strict: false }).scrubAll();
      const failed = reports.filter((report) => report.failed !== null);
      expect(failed.map(({ workspace_id }) => workspace_id)).toEqual(['instance']);
      expect(reports.find(({ workspace_id }) => workspace_id === id)).toMatchObject({ events: 3 });
      expect(lines.join('')).toContain('the audit log could not be scrubbed to its end');
      const [event] = await world.events('log=instance&action=audit.scrub');
      expect(event).toMatchObject({ outcome: 'failure', details: { failed_logs: ['instance'] } });
    } finally {
      await world.close();
    }
  });

  it('stops with the product, and leaves no event of what it has not done', async () => {
    const world = await World.start();
    try {
      await sequenced(world);
      const scrubbing = world.apps[0]!.get(NightlyScrub, { strict: false }).scrubIfDue();
      const stopped = expect(scrubbing).rejects.toThrow('aborted');
      await world.apps[0]!.close();
      await stopped;
      expect(await world.database.query(SCRUBS)).toEqual([]);
    } finally {
      await world.close();
    }
  });

  it('says in the log what it found', async () => {
    const lines: string[] = [];
    const world = await World.start({ onLog: (line) => lines.push(line) });
    try {
      while ((await world.database.query('select from audit_pending')).length > 0);
      await world.database.query(DISARM);
      await world.database.query(`update audit_events set body = replace(body, '"success"', '"denied"')`);
      await world.apps[0]!.get(NightlyScrub, { strict: false }).scrubAll();
      expect(lines.join('')).toContain('the event was changed');
      const [event] = await world.events('log=instance&action=audit.scrub');
      expect(event).toMatchObject({
        outcome: 'failure',
        reason: 'damaged',
        details: { damaged_logs: [expect.any(String)] },
      });
    } finally {
      await world.close();
    }
  });
});
