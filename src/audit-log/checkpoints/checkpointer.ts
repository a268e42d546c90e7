import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { CheckpointsService } from './checkpoints.service.js';
import { originOf } from './origin.js';
import { SignedMemory } from './signed-memory.js';

/** Half of what is promised: at least every 10 s when something changed. */
const INTERVAL_MS = 5_000;

/** How large a log is, and its newest checkpoint; null if its epoch has none yet. */
interface Head {
  workspace_id: string;
  size: string;
  epoch: number;
  signed: string | null;
}

/**
 * Signs a checkpoint of every log that has grown since its last one, every few seconds. Instances do it side by side:
 * what one has signed the others find signed, and remember, since any of them may be the last that is left.
 */
@Injectable()
export class Checkpointer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Checkpointer.name);
  /** Logs that are not what was signed: told of once, not every few seconds. */
  private readonly refused = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly checkpoints: CheckpointsService,
    private readonly memory: SignedMemory,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      // A round that takes longer than the interval is not joined by another.
      this.underWay ??= this.round()
        .catch((error: unknown) => {
          this.logger.error({ err: error as Error }, 'checkpoints cannot be signed; trying on');
        })
        .finally(() => {
          this.underWay = null;
        });
    }, INTERVAL_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.underWay;
  }

  /** Signs what has grown; of what another instance has signed, remembers the newest. */
  async round(): Promise<void> {
    for (const head of await this.heads()) {
      if (this.stopped) return;
      if (head.signed === null || Number(head.signed) < Number(head.size) || !(await this.isKept(head)))
        await this.sign(head.workspace_id);
    }
  }

  private async heads(): Promise<Head[]> {
    return this.database.query<Head>(`
      select t.workspace_id, t.size, n.epoch, c.size as signed
        from audit_trees t
       cross join lateral (
         select coalesce(max(epoch), 1) as epoch from audit_epochs where workspace_id = t.workspace_id) as n
        left join lateral (
         select size from audit_checkpoints
          where workspace_id = t.workspace_id and epoch = n.epoch order by size desc limit 1) as c on true`);
  }

  private isKept({ workspace_id: workspaceId, epoch, signed }: Head): Promise<boolean> {
    return this.memory.holds(workspaceId, { origin: originOf({ workspaceId, epoch }), size: Number(signed) });
  }

  private async sign(workspaceId: string): Promise<void> {
    try {
      await this.checkpoints.sign(workspaceId);
      this.refused.delete(workspaceId);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'conflict')) throw error;
      if (this.refused.has(workspaceId)) return;
      this.refused.add(workspaceId);
      this.logger.error({ workspaceId }, error.message);
    }
  }
}
