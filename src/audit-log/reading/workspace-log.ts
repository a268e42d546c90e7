import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';

/**
 * The door to one workspace's log. PostgreSQL shows events of the workspace named here and of no other (row-level
 * security), so that a query which forgot its `where` finds nothing rather than everybody's.
 */
@Injectable()
export class WorkspaceLog {
  constructor(private readonly database: Database) {}

  /** Runs the reading work in a transaction that sees this workspace's log. */
  async of<T>(workspaceId: string, read: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.query(`select set_config('tooken.workspace', $1, true)`, [workspaceId]);
      return read();
    });
  }

  /** The same for work that has an index for all it asks. */
  async alongIndexes<T>(workspaceId: string, read: () => Promise<T>): Promise<T> {
    return this.of(workspaceId, async () => {
      await this.database.query(ALONG_INDEXES);
      return read();
    });
  }
}

/** A planner that believes its statistics would now and then rather read all and sort it, or compile first. */
const ALONG_INDEXES = `
  select set_config(name, 'off', true)
    from unnest(array['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin',
                      'jit']) as name`;
