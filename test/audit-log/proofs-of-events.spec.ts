import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '../../src/audit-log/proofs/checkpoint.js';
import { leafHash } from '../../src/audit-log/proofs/merkle.js';
import { parseVerifierKey } from '../../src/audit-log/proofs/note-keys.js';
import { verifyConsistency, verifyInclusion } from '../../src/audit-log/proofs/verify-proof.js';
import type { Caller } from '../support/caller.js';
import { goAvailable, goExpected, goVerify } from '../support/go-verifier.js';
import { World } from '../support/world.js';

interface CheckpointJson {
  origin: string;
  epoch: number;
  size: number;
  root_hash: string;
  signed_at: string;
  checkpoint: string;
}

interface InclusionJson {
  event_id: string;
  index: number;
  leaf: string;
  leaf_hash: string;
  personal: string | null;
  tree_size: number;
  root_hash: string;
  inclusion_path: string[];
  checkpoint: string;
}

interface ConsistencyJson {
  from: number;
  to: number;
  from_root_hash: string;
  to_root_hash: string;
  consistency_path: string[];
}

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

describe('proofs of the audit log', () => {
  let world: World;
  let root: Caller;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    root = world.root;
    for (let i = 0; i < 300; i++) await root.get(`/v1/me?`);
  });
  afterAll(() => world.close());

  const prove = async (eventId: string, by = root): Promise<InclusionJson> => {
    const { status, body, text } = await by.get<InclusionJson>(`/v1/audit-events/${eventId}/proof`);
    if (status !== 200) throw new Error(text);
    return body;
  };
  const verifierKey = async (): Promise<string> =>
    (await root.get<{ verifier_key: string }>('/v1/audit-log/public-key')).body.verifier_key;

  it('show of any event, at once, that the signed checkpoint covers it', async () => {
    const key = parseVerifierKey(await verifierKey());
    for (let i = 0; i < 10; i++) {
      const answer = await root.get('/v1/me');
      const [event] = await world.events(`request_id=${answer.requestId}`);
      const proof = await prove(event!.id);
      const { size, root: treeRoot } = openCheckpoint(proof.checkpoint, key.name, [key]);
      expect({ size, root: treeRoot }).toEqual({ size: proof.tree_size, root: bytes(proof.root_hash) });
      const claim = {
        leafHash: leafHash(proof.leaf),
        index: proof.index,
        size,
        root: treeRoot,
        path: proof.inclusion_path.map(bytes),
      };
      expect(verifyInclusion(claim)).toBe(true);
      expect(verifyInclusion({ ...claim, leafHash: leafHash(`${proof.leaf} `) })).toBe(false);
      expect(JSON.parse(proof.leaf)).toMatchObject({ id: event!.id, action: 'me.read', outcome: 'success' });
      const commitment = createHash('sha256').update(proof.personal!).digest('base64');
      expect(JSON.parse(proof.leaf)).toMatchObject({ personal: commitment });
      expect(JSON.parse(proof.personal!)).toMatchObject({ actor_name: 'First key', ip: '127.0.0.1' });
    }
  });

  it('show that the log still begins with every earlier checkpoint, whichever instance signed it', async () => {
    const key = parseVerifierKey(await verifierKey());
    const seen: { size: number; root: Buffer }[] = [];
    for (let i = 0; i < 6; i++) {
      const by = world.as(world.rootKey, i % 2);
      const [newest] = await world.events('limit=1');
      seen.push(openCheckpoint((await prove(newest!.id, by)).checkpoint, key.name, [key]));
    }
    for (const older of seen) {
      for (const newer of seen.filter(({ size }) => size >= older.size)) {
        const { body } = await root.get<ConsistencyJson>(
          `/v1/audit-log/consistency?from=${String(older.size)}&to=${String(newer.size)}`,
        );
        expect(bytes(body.from_root_hash)).toEqual(older.root);
        const claim = {
          oldSize: older.size,
          oldRoot: older.root,
          newSize: newer.size,
          newRoot: newer.root,
          path: body.consistency_path.map(bytes),
        };
        expect(verifyConsistency(claim)).toBe(true);
      }
    }
  });

  (goAvailable() || goExpected ? it : it.skip)(
    'convince an independent verifier, and no other do',
    async () => {
      const vkey = await verifierKey();
      const [newest] = await world.events('limit=1');
      const proof = await prove(newest!.id);
      const { body } = await root.get<ConsistencyJson>(
        `/v1/audit-log/consistency?from=7&to=${String(proof.tree_size)}`,
      );
      const inclusion = {
        kind: 'inclusion',
        leaf: Buffer.from(proof.leaf).toString('base64'),
        index: proof.index,
        size: proof.tree_size,
        root: proof.root_hash,
        path: proof.inclusion_path,
      } as const;
      const consistency = {
        kind: 'consistency',
        oldSize: body.from,
        oldRoot: body.from_root_hash,
        newSize: body.to,
        newRoot: body.to_root_hash,
        path: body.consistency_path,
      } as const;
      const forged = proof.leaf.replace('success', 'failure');
      const answers = await goVerify([
        { kind: 'note', text: proof.checkpoint, vkey },
        inclusion,
        consistency,
        { kind: 'note', text: proof.checkpoint.replace(`\n${String(proof.tree_size)}\n`, '\n1\n'), vkey },
        { ...inclusion, leaf: Buffer.from(forged).toString('base64') },
        { ...consistency, oldSize: 6 },
      ]);
      expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, false, false]);
    },
  );

  it('give checkpoint and key also as the plain text that other tools take', async () => {
    const plain = root.with({ accept: 'text/plain' });
    const vkey = await plain.get('/v1/audit-log/public-key');
    const note = await plain.get('/v1/audit-log/checkpoint');
    for (const { headers } of [vkey, note]) expect(headers.get('content-type')).toMatch(/^text\/plain/);
    const key = parseVerifierKey(vkey.text.trimEnd());
    expect(openCheckpoint(note.text, key.name, [key]).size).toBeGreaterThan(300);
  });

  it('are signed by themselves when something has changed', async () => {
    const size = async (): Promise<number> => {
      const [row] = await world.database.query<{ size: string }>(
        `select max(size) as size from audit_checkpoints where workspace_id like 'ws_%'`,
      );
      return Number(row!.size);
    };
    const before = await size();
    await root.get('/v1/me');
    // Promised within 10 s.
    for (const end = Date.now() + 10_000; (await size()) === before;) {
      expect(Date.now()).toBeLessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, 20_000);

  it('refuse sizes that the log has not, every fault at once', async () => {
    const { body } = await root.get<CheckpointJson>('/v1/audit-log/checkpoint');
    const beyond = String(body.size + 1_000_000);
    expect(await root.get(`/v1/audit-log/consistency?from=1&to=${beyond}`)).toBeProblem('invalid_request', [
      'to',
    ]);
    expect(await root.get('/v1/audit-log/consistency?from=3&to=2')).toBeProblem('invalid_request', ['from']);
    expect(await root.get('/v1/audit-log/consistency?from=0&to=x')).toBeProblem('invalid_request', [
      'from',
      'to',
    ]);
  });

  it("are given for the caller's own log and environment only", async () => {
    const other = await world.workspace('other');
    const testKey = await world.apiKey({ environment: 'test' });
    const [mine] = await world.events('limit=1');
    for (const caller of [world.as(other.key), world.as(testKey.key)]) {
      expect(await caller.get(`/v1/audit-events/${mine!.id}/proof`)).toBeProblem('not_found');
    }
    const instance = await world.as(other.key).get('/v1/audit-log/checkpoint?log=instance');
    expect(instance).toBeProblem('forbidden');
    const origins = await Promise.all(
      [root, world.as(other.key)].map(
        async (by) => (await by.get<CheckpointJson>('/v1/audit-log/checkpoint')).body.origin,
      ),
    );
    expect(new Set(origins).size).toBe(2);
  });

  it('cover the log of the instance for the operator', async () => {
    await world.anonymous().get('/v1/me');
    const [event] = await world.events('log=instance&limit=1');
    const { body } = await root.get<InclusionJson>(`/v1/audit-events/${event!.id}/proof?log=instance`);
    expect(body.checkpoint).toMatch(/^tooken\/instance\n/);
  });
});
