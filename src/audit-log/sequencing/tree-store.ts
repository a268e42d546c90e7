import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { HASH_BYTES } from '../proofs/merkle.js';
import { TILE_WIDTH, type EntryRange } from '../proofs/tiles.js';
import { TreeReader } from '../proofs/tree-reader.js';
import { WorkspaceLog } from '../reading/workspace-log.js';

/** The Merkle trees as tables, to be read. The sequencer makes them grow. */
@Injectable()
export class TreeStore {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
  ) {}

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
