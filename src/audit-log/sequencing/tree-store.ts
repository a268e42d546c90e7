import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Frontier, HASH_BYTES } from '../proofs/merkle.js';
import { completedTiles, tileRoot, TILE_WIDTH, type EntryRange, type Tile } from '../proofs/tiles.js';
import { TreeReader } from '../proofs/tree-reader.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import type { Pending } from './pending.js';
import { ADD_USES } from './value-uses.js';

/** A leaf about to be appended to its workspace's tree. */
interface Leaf {
  eventId: string;
  hash: Buffer;
}

/** The Merkle trees as tables: leaves, full tiles, and what each tree needs to grow. */
@Injectable()
export class TreeStore {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
  ) {}

  /** Appends events in their order, and what is counted and named with them. Within the sequencer's transaction. */
  async append({ events, stats, names, uses = [] }: Pending): Promise<void> {
    const leaves = new Map<string, Leaf[]>();
    for (const [workspaceId, eventId, hash] of events) {
      const leaf = { eventId, hash: Buffer.from(hash, 'base64') };
      const known = leaves.get(workspaceId);
      if (known === undefined) leaves.set(workspaceId, [leaf]);
      else known.push(leaf);
    }
    await this.appendLeaves(leaves);
    await this.database.query(ADD_STATS, [JSON.stringify(stats)]);
    await this.database.query(ADD_NAMES, [JSON.stringify(names)]);
    if (uses.length > 0) await this.database.query(ADD_USES, [JSON.stringify(uses)]);
  }

  /** Of one workspace's tree, which an auditor may follow at any size it ever had. */
  reader(workspaceId: string): TreeReader {
    return new TreeReader(async (ranges) => {
      const found: Buffer[] = [];
      for (const range of ranges) found.push(await this.entries(workspaceId, range));
      return found;
    });
  }

  /** How many events have their place in the log. */
  async size(workspaceId: string): Promise<number> {
    const [tree] = await this.database.query<{ size: string }>(
      'select size from audit_trees where workspace_id = $1',
      [workspaceId],
    );
    return Number(tree?.size ?? 0);
  }

  private async entries(workspaceId: string, { level, first, count }: EntryRange): Promise<Buffer> {
    if (level === 0) return this.leaves(workspaceId, first, count);
    const rows = await this.database.query<{ root: Buffer }>(
      `select root from audit_tiles
        where workspace_id = $1 and level = $2 and number >= $3 and number < $4 order by number`,
      [workspaceId, level - 1, first, first + count],
    );
    return Buffer.concat(rows.map(({ root }) => root));
  }

  private async appendLeaves(leavesOf: Map<string, Leaf[]>): Promise<void> {
    // In one order everywhere, so that no two transactions can wait for each other.
    const ids = [...leavesOf.keys()].sort();
    const trees = await this.database.query<{ workspace_id: string; size: string; frontier: Buffer }>(
      'select workspace_id, size, frontier from audit_trees where workspace_id = any($1)',
      [ids],
    );
    const known = new Map(trees.map((tree) => [tree.workspace_id, tree]));
    const grown = ids.map((workspaceId) => {
      const tree = known.get(workspaceId);
      const frontier = Frontier.from(Number(tree?.size ?? 0), tree?.frontier ?? Buffer.alloc(0));
      const from = frontier.size;
      const leaves = leavesOf.get(workspaceId)!;
      for (const { hash } of leaves) frontier.append(hash);
      return { workspaceId, from, leaves, frontier };
    });
    const placed = grown.flatMap(({ workspaceId, from, leaves }) =>
      leaves.map(({ eventId, hash }, at) => ({ workspaceId, index: from + at, eventId, hash })),
    );
    await this.database.query(
      `insert into audit_entries (workspace_id, index, event_id, leaf_hash)
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])`,
      [
        placed.map(({ workspaceId }) => workspaceId),
        placed.map(({ index }) => index),
        placed.map(({ eventId }) => eventId),
        placed.map(({ hash }) => hash),
      ],
    );
    for (const { workspaceId, from, frontier } of grown) {
      for (const tile of completedTiles(from, frontier.size)) await this.completeTile(workspaceId, tile);
    }
    await this.database.query(
      `insert into audit_trees (workspace_id, size, frontier)
       select * from unnest($1::text[], $2::bigint[], $3::bytea[])
       on conflict (workspace_id) do update set size = excluded.size, frontier = excluded.frontier`,
      [ids, grown.map(({ frontier }) => frontier.size), grown.map(({ frontier }) => frontier.toBuffer())],
    );
  }

  private async completeTile(workspaceId: string, { level, number }: Tile): Promise<void> {
    const hashes = await this.entries(workspaceId, { level, first: number * TILE_WIDTH, count: TILE_WIDTH });
    await this.database.query(
      'insert into audit_tiles (workspace_id, level, number, hashes, root) values ($1, $2, $3, $4, $5)',
      [workspaceId, level, number, hashes, tileRoot(hashes)],
    );
  }

  /** Hashes of neighbouring leaves of one tile: from the full tile, which outlives the events of months that were dropped, or from what follows the last one. */
  async leaves(workspaceId: string, first: number, count: number): Promise<Buffer> {
    const number = Math.floor(first / TILE_WIDTH);
    const [tile] = await this.database.query<{ hashes: Buffer }>(
      'select hashes from audit_tiles where workspace_id = $1 and level = 0 and number = $2',
      [workspaceId, number],
    );
    if (tile !== undefined) {
      const start = (first - number * TILE_WIDTH) * HASH_BYTES;
      return tile.hashes.subarray(start, start + count * HASH_BYTES);
    }
    const rows = await this.log.of(workspaceId, () =>
      this.database.query<{ leaf_hash: Buffer }>(
        `select leaf_hash from (
           select index, leaf_hash from audit_entries where workspace_id = $1 and index >= $2 and index < $3
           union all
           select index, leaf_hash from audit_kept_leaves where workspace_id = $1 and index >= $2 and index < $3
         ) as leaves order by index`,
        [workspaceId, first, first + count],
      ),
    );
    return Buffer.concat(rows.map(({ leaf_hash }) => leaf_hash));
  }
}

const ADD_STATS = `
  insert into audit_stats (workspace_id, environment, minute, action, outcome, reason, count)
  select * from json_to_recordset($1::json) as tally (
    "workspaceId" text, environment text, minute timestamptz, action text, outcome text, reason text, count bigint)
  on conflict (workspace_id, environment, minute, action, outcome, reason)
  do update set count = audit_stats.count + excluded.count`;

const ADD_NAMES = `
  insert into audit_names (workspace_id, id, name, hint)
  select distinct on (1, 2, 3, 4) name ->> 0, name ->> 1, name ->> 2, name ->> 3 from json_array_elements($1::json) as name
  on conflict do nothing`;
