import type { Ask, Statement } from '../../platform/database/lane.js';
import { Frontier, HASH_BYTES } from '../proofs/merkle.js';
import { completedTiles, tileRoot, TILE_WIDTH, type Tile } from '../proofs/tiles.js';
import type { Pending } from './pending.js';

/** A tree with what a pass appends to it. */
interface Growth {
  workspaceId: string;
  /** Its size before. */
  from: number;
  eventIds: string[];
  hashes: Buffer[];
  /** Already grown. */
  frontier: Frontier;
}

/** A tile that has become full. */
interface FullTile extends Tile {
  workspaceId: string;
  hashes: Buffer;
  root: Buffer;
}

/**
 * Appends leaves to the trees of their workspaces, in their order. Within the sequencer's transaction.
 *
 * @returns what to write.
 */
export async function growTrees(ask: Ask, events: Pending['events']): Promise<Statement[]> {
  const growths = await growthsOf(ask, events);
  const tiles: FullTile[] = [];
  for (const growth of growths) tiles.push(...(await fullTilesOf(ask, growth)));
  return [addEntries(growths), ...(tiles.length > 0 ? [addTiles(tiles)] : []), putTrees(growths)];
}

async function growthsOf(ask: Ask, events: Pending['events']): Promise<Growth[]> {
  // In one order everywhere, so that no two transactions can wait for each other.
  const ids = [...new Set(events.map(([workspaceId]) => workspaceId))].sort();
  const [trees] = await ask<{ workspace_id: string; size: string; frontier: Buffer }>({
    name: 'trees',
    text: 'select workspace_id, size, frontier from audit_trees where workspace_id = any($1)',
    values: [ids],
  });
  const known = new Map(trees!.map((tree) => [tree.workspace_id, tree]));
  const growths = new Map(
    ids.map((workspaceId): [string, Growth] => {
      const tree = known.get(workspaceId);
      const frontier = Frontier.from(Number(tree?.size ?? 0), tree?.frontier ?? Buffer.alloc(0));
      return [workspaceId, { workspaceId, from: frontier.size, eventIds: [], hashes: [], frontier }];
    }),
  );
  for (const [workspaceId, eventId, leafHash] of events) {
    const growth = growths.get(workspaceId)!;
    const hash = Buffer.from(leafHash, 'base64');
    growth.eventIds.push(eventId);
    growth.hashes.push(hash);
    growth.frontier.append(hash);
  }
  return [...growths.values()];
}

/** What of a tile was there before is read; the rest is at hand. */
async function fullTilesOf(ask: Ask, { workspaceId, from, hashes, frontier }: Growth): Promise<FullTile[]> {
  const tiles: FullTile[] = [];
  for (const tile of completedTiles(from, frontier.size)) {
    const first = tile.number * TILE_WIDTH;
    const fresh = tile.level === 0 ? hashes : rootsOf(tiles, tile.level - 1);
    const freshFrom = Math.floor(from / TILE_WIDTH ** tile.level);
    const known =
      first < freshFrom ? await readEntries(ask, workspaceId, tile.level, first, freshFrom - first) : [];
    const start = Math.max(first - freshFrom, 0);
    const entries = Buffer.concat([...known, ...fresh.slice(start, start + TILE_WIDTH - known.length)]);
    if (entries.length !== TILE_WIDTH * HASH_BYTES) {
      throw new Error(`tile ${tile.level}/${tile.number} of ${workspaceId} lacks entries`);
    }
    tiles.push({ ...tile, workspaceId, hashes: entries, root: tileRoot(entries) });
  }
  return tiles;
}

function rootsOf(tiles: readonly FullTile[], level: number): Buffer[] {
  return tiles.filter((tile) => tile.level === level).map(({ root }) => root);
}

/** Entries of one tile level that follow one another. */
async function readEntries(
  ask: Ask,
  workspaceId: string,
  level: number,
  first: number,
  count: number,
): Promise<Buffer[]> {
  const [, rows] = await ask<{ hash: Buffer }>(
    seeing(workspaceId),
    level === 0
      ? { name: 'leaves', text: LEAVES, values: [workspaceId, first, first + count] }
      : { name: 'roots', text: ROOTS, values: [workspaceId, level - 1, first, first + count] },
  );
  return rows!.map(({ hash }) => hash);
}

/** Row-level security shows a workspace's leaves to nobody else. */
const seeing = (workspaceId: string): Statement => ({
  name: 'seeing',
  text: `select set_config('tooken.workspace', $1, true)`,
  values: [workspaceId],
});

const LEAVES = `
  select leaf_hash as hash from (
    select index, leaf_hash from audit_entries where workspace_id = $1 and index >= $2 and index < $3
    union all
    select index, leaf_hash from audit_kept_leaves where workspace_id = $1 and index >= $2 and index < $3
  ) as leaves order by index`;

const ROOTS = `
  select root as hash from audit_tiles
   where workspace_id = $1 and level = $2 and number >= $3 and number < $4 order by number`;

function addEntries(growths: readonly Growth[]): Statement {
  return {
    name: 'add-entries',
    text: `insert into audit_entries (workspace_id, index, event_id, leaf_hash)
           select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])`,
    values: [
      growths.flatMap(({ workspaceId, hashes }) => hashes.map(() => workspaceId)),
      growths.flatMap(({ from, hashes }) => hashes.map((_hash, at) => from + at)),
      growths.flatMap(({ eventIds }) => eventIds),
      growths.flatMap(({ hashes }) => hashes.map(hex)),
    ],
  };
}

function addTiles(tiles: readonly FullTile[]): Statement {
  return {
    name: 'add-tiles',
    text: `insert into audit_tiles (workspace_id, level, number, hashes, root)
           select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[], $5::bytea[])`,
    values: [
      tiles.map(({ workspaceId }) => workspaceId),
      tiles.map(({ level }) => level),
      tiles.map(({ number }) => number),
      tiles.map(({ hashes }) => hex(hashes)),
      tiles.map(({ root }) => hex(root)),
    ],
  };
}

function putTrees(growths: readonly Growth[]): Statement {
  return {
    name: 'put-trees',
    text: `insert into audit_trees (workspace_id, size, frontier)
           select * from unnest($1::text[], $2::bigint[], $3::bytea[])
           on conflict (workspace_id) do update set size = excluded.size, frontier = excluded.frontier`,
    values: [
      growths.map(({ workspaceId }) => workspaceId),
      growths.map(({ frontier }) => frontier.size),
      growths.map(({ frontier }) => hex(frontier.toBuffer())),
    ],
  };
}

/** As PostgreSQL writes bytes; the driver takes each byte of an array of buffers in hand. */
const hex = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;
