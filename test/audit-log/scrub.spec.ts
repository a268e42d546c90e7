import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ENTITIES } from '../../src/app.entities.js';
import { CheckpointsService } from '../../src/audit-log/checkpoints/checkpoints.service.js';
import { LogSigner } from '../../src/audit-log/checkpoints/log-signer.js';
import { SignedMemory } from '../../src/audit-log/checkpoints/signed-memory.js';
import { WorkspaceLog } from '../../src/audit-log/reading/workspace-log.js';
import { NightlyScrub } from '../../src/audit-log/scrubbing/nightly-scrub.js';
import { ScrubService } from '../../src/audit-log/scrubbing/scrub.service.js';
import { TreeStore } from '../../src/audit-log/sequencing/tree-store.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeDataSource } from '../../src/platform/database/data-source.js';
import { Database } from '../../src/platform/database/database.js';
import { SecretHasher } from '../../src/platform/secrets/secret-hasher.js';
import { SECRET_KEY, World } from '../support/world.js';
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
    const database = new Database(makeDataSource(world.database.url, ENTITIES));
    await database.connect();
    connected = database;
    const config = readConfig({ TOOKEN_DATA_DIR: `${world.dataDir}/0` }, () => true);
    const log = new WorkspaceLog(database);
    const trees = new TreeStore(database, log);
    const signer = new LogSigner(config, new SecretHasher(SECRET_KEY));
    const memory = new SignedMemory(config);
    const checkpoints = new CheckpointsService(database, trees, signer, memory, world.clock);
    return new ScrubService(database, log, trees, signer, checkpoints);
  };

  it('finds nothing where nothing was done', async () => {
    for (const log of await scrub.logs()) {
      const { size, events, faults } = await scrub.scrub(log);
      expect({ events, faults }).toEqual({ events: size, faults: [] });
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

  it('does not take an erased event for a changed one', async () => {
    await asSuperuser(`delete from audit_personal where event_id = '${eventId}'`);
    expect((await scrub.scrub(workspaceId)).faults).toEqual([]);
  });
});

describe('the nightly scrub', () => {
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
