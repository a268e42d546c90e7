import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { CheckpointsService } from './checkpoints.service.js';

/** Half of what is promised: at least every 10 s when something changed. */
const INTERVAL_MS = 5_000;

/**
 * Signs a checkpoint of every log that has grown since its last one, every few seconds. Instances do it side by side:
 * what one has signed the others find signed.
 */
@Injectable()
export class Checkpointer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Checkpointer.name);
  /** Logs that are not what was signed: told of once, not every few seconds. */
  private readonly refused = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly checkpoints: CheckpointsService,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      // A round that takes longer than the interval is not joined by another.
      this.round ??= this.signAll()
        .catch((error: unknown) => {
          this.logger.error({ err: error as Error }, 'checkpoints cannot be signed; trying on');
        })
        .finally(() => {
          this.round = null;
        });
    }, INTERVAL_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  private async signAll(): Promise<void> {
    for (const workspaceId of await this.grown()) {
      if (this.stopped) return;
      await this.sign(workspaceId);
    }
  }

  private async grown(): Promise<string[]> {
    const rows = await this.database.query<{ workspace_id: string }>(`
      select t.workspace_id from audit_trees t
       where not exists (
         select from audit_checkpoints c
          where c.workspace_id = t.workspace_id and c.size = t.size
            and c.epoch = coalesce((select max(epoch) from audit_epochs e where e.workspace_id = t.workspace_id), 1))`);
    return rows.map(({ workspace_id }) => workspace_id);
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
