import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Checkpointer } from '../../src/audit-log/checkpoints/checkpointer.js';
import { CheckpointsService } from '../../src/audit-log/checkpoints/checkpoints.service.js';
import { EpochsService } from '../../src/audit-log/checkpoints/epochs.service.js';
import { SignedMemory } from '../../src/audit-log/checkpoints/signed-memory.js';
import { openCheckpoint } from '../../src/audit-log/proofs/checkpoint.js';
import { parseVerifierKey } from '../../src/audit-log/proofs/note-keys.js';
import { createApp } from '../../src/app.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeLogger } from '../../src/platform/logger.js';
import { DISARM } from './tampering.js';
import { SECRET_KEY, World } from '../support/world.js';

interface CheckpointJson {
  origin: string;
  size: number;
  checkpoint: string;
}

/** What must never happen: two signed checkpoints of which neither continues the other. */
describe('a log that is no longer what was signed', () => {
  let world: World;
  const logged: string[] = [];
  beforeEach(async () => {
    logged.length = 0;
    world = await World.start({ onLog: (line) => logged.push(line) });
    for (let i = 0; i < 20; i++) await world.root.get('/v1/me');
  });
  afterEach(() => world.close());

  const signed = async (): Promise<CheckpointJson> => {
    await world.root.get('/v1/me');
    const { id } = (await world.events('limit=1'))[0]!;
    const { status, body, text } = await world.root.get<{ tree_size: number; checkpoint: string }>(
      `/v1/audit-events/${id}/proof`,
    );
    if (status !== 200) throw new Error(text);
    return { origin: body.checkpoint.split('\n')[0]!, size: body.tree_size, checkpoint: body.checkpoint };
  };

  /** As if a backup of then were restored: what came after is gone without a trace. */
  const restore = async (size: number): Promise<void> => {
    await world.database.query(DISARM);
    await world.database.query(`
      do $$ begin
        delete from audit_events e using audit_entries n
         where n.workspace_id = e.workspace_id and n.event_id = e.id and n.index >= ${String(size)};
        delete from audit_entries where index >= ${String(size)};
        delete from audit_checkpoints where size > ${String(size)};
      end $$`);
  };

  /** The frontier of the size that is restored, as the database had it then. */
  const treeNow = async (): Promise<{ workspace_id: string; size: string; frontier: Buffer }> => {
    const [row] = await world.database.query<{ workspace_id: string; size: string; frontier: Buffer }>(
      `select * from audit_trees where workspace_id like 'ws_%'`,
    );
    return row!;
  };

  const settled = async (): Promise<void> => {
    while ((await world.database.query('select from audit_pending')).length > 0);
  };

  const putBack = async (old: { workspace_id: string; size: string; frontier: Buffer }): Promise<void> => {
    await restore(Number(old.size));
    await world.database.query('update audit_trees set size = $1, frontier = $2 where workspace_id = $3', [
      old.size,
      old.frontier,
      old.workspace_id,
    ]);
  };

  it('is not signed any more, and says why, until a new epoch is opened and recorded', async () => {
    await settled();
    const old = await treeNow();
    await signed();
    const last = await signed();
    await settled();
    await putBack(old);

    const refused = await world.root.get<{ message: string }>('/v1/audit-log/checkpoint');
    expect(refused).toBeProblem('conflict');
    expect(refused.body.message).toContain(String(last.size));
    expect(refused.body.message).toContain('tooken audit open-epoch');
    // However far it grows: what was signed stood for other events.
    for (let i = 0; i < 20; i++) await world.root.get('/v1/me');
    await settled();
    expect(await world.root.get('/v1/audit-log/checkpoint')).toBeProblem('conflict');

    const epochs = await createOwner(world);
    const opened = await epochs.service.open(old.workspace_id, 'the disk was lost');
    await epochs.close();
    expect(opened).toMatchObject({ epoch: 2, origin: `tooken/${old.workspace_id}/epoch-2` });
    const anew = await signed();
    expect(anew.origin).toBe(opened.origin);
    const { body } = await world.root.get<{ verifier_key: string }>('/v1/audit-log/public-key');
    const key = parseVerifierKey(body.verifier_key);
    expect(openCheckpoint(anew.checkpoint, opened.origin, [key]).size).toBe(anew.size);
    const [event] = await world.events('action=audit.open_epoch');
    expect(event).toMatchObject({
      actor: { type: 'system' },
      details: { epoch: 2, reason: 'the disk was lost', signed_before: last.size },
    });
  });

  it('is noticed after a new start as well, by what is kept outside the database', async () => {
    await settled();
    const old = await treeNow();
    await signed();
    await settled();
    await putBack(old);
    expect(await statusAfterStart(`${world.dataDir}/0`)).toBe(409);
  });

  it('is noticed by an instance that signed nothing itself, whose folder is all that is left', async () => {
    const folder = join(world.dataDir, 'other');
    const other = await start(world, world.database.url, folder);
    await settled();
    const old = await treeNow();
    await world.root.get('/v1/me');
    await settled();
    await world.apps[0]!.get(CheckpointsService, { strict: false }).sign(old.workspace_id);
    await other.get(Checkpointer, { strict: false }).round();
    await other.close();
    await putBack(old);
    await rm(`${world.dataDir}/0`, { recursive: true });
    expect(await statusAfterStart(folder)).toBe(409);
  });

  const statusAfterStart = async (folder: string): Promise<number> => {
    const again = await start(world, world.database.url, folder);
    try {
      const url = await again.getUrl();
      const headers = { authorization: `Bearer ${world.rootKey}` };
      return (await fetch(`${url}/v1/audit-log/checkpoint`, { headers })).status;
    } finally {
      await again.close();
    }
  };
});

describe('the memory of what was signed', () => {
  const signed = { origin: 'tooken/ws_1', size: 7, root: Buffer.alloc(32) };
  const note = `tooken/ws_1\n7\n${signed.root.toString('base64')}\n\n— tooken/ws_1 AAAA\n`;
  let folder: string;
  const memory = (): SignedMemory => new SignedMemory(readConfig({ TOOKEN_DATA_DIR: folder }, () => true));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tooken-memory-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is written once it can be, though it could not be at first', async () => {
    const elsewhere = join(folder, 'not there yet');
    await symlink(join(elsewhere, 'checkpoints'), join(folder, 'checkpoints'));
    const kept = memory();
    await kept.keep('ws_1', note, signed);
    expect(await memory().recall('ws_1')).toBeNull();
    await mkdir(join(elsewhere, 'checkpoints'), { recursive: true });
    await kept.keep('ws_1', note, signed);
    expect(await memory().recall('ws_1')).toEqual(signed);
  });

  it('holds the newest of what is kept at once, and nothing half written', async () => {
    const kept = memory();
    const sizes = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? 51 + at : 101 - at));
    await Promise.all(
      sizes.map((size) => kept.keep('ws_1', note.replace('\n7\n', `\n${size}\n`), { ...signed, size })),
    );
    expect(await memory().recall('ws_1')).toMatchObject({ size: 100 });
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['ws_1']);
  });
});

type App = Awaited<ReturnType<typeof createApp>>;

/** Another process of the same installation; with the same data folder, unless told. */
async function start(world: World, databaseUrl: string, folder = `${world.dataDir}/0`): Promise<App> {
  const config = readConfig({ TOOKEN_DATA_DIR: folder, PORT: '0' }, () => true);
  const app = await createApp({
    config,
    databaseUrl,
    ownerUrl: world.database.adminUrl,
    secretKey: SECRET_KEY,
    clock: world.clock,
    logger: makeLogger('silent'),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

async function createOwner(world: World): Promise<{ service: EpochsService; close: () => Promise<void> }> {
  const app = await start(world, world.database.adminUrl);
  return { service: app.get(EpochsService, { strict: false }), close: () => app.close() };
}
