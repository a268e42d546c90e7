import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { inTransaction, Owner } from '../../platform/database/owner.js';
import { recordBySystem } from '../keeping/system-events.js';
import { TreeStore } from '../sequencing/tree-store.js';
import { CheckpointsService } from './checkpoints.service.js';
import { originOf, readOrigin, type LogName } from './origin.js';
import { SignedMemory } from './signed-memory.js';

/**
 * Begins the signed history of a log anew, which is all that is left to do when it is no longer what was signed: the
 * new epoch's checkpoints name another origin, so that nobody takes them for a continuation.
 */
@Injectable()
export class EpochsService {
  constructor(
    private readonly owner: Owner,
    private readonly trees: TreeStore,
    private readonly checkpoints: CheckpointsService,
    private readonly memory: SignedMemory,
    private readonly clock: Clock,
  ) {}

  /**
   * Done by the operator on the command line, with the role that owns the tables; the log tells of it.
   *
   * @param reason in the operator's words.
   */
  async open(workspaceId: string, reason: string): Promise<LogName & { origin: string; size: number }> {
    const remembered = await this.memory.recall(workspaceId);
    const signed = remembered === null ? null : readOrigin(remembered.origin);
    const current = await this.checkpoints.epochOf(workspaceId);
    const name = { workspaceId, epoch: Math.max(current, signed?.epoch ?? 1) + 1 };
    const size = await this.trees.size(workspaceId);
    const now = this.clock.now();
    await this.owner.connected((run) =>
      inTransaction(run, async () => {
        await run(
          'insert into audit_epochs (workspace_id, epoch, size, reason, created_at) values ($1, $2, $3, $4, $5)',
          [workspaceId, name.epoch, size, reason, new Date(now)],
        );
        const details = { epoch: name.epoch, size, reason, signed_before: remembered?.size ?? null };
        await recordBySystem(run, now, [{ action: 'audit.open_epoch', workspaceId, details }]);
      }),
    );
    return { ...name, origin: originOf(name), size };
  }
}
