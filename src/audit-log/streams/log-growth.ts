import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';

interface Waiting {
  workspaceId: string;
  size: number;
  tell: (size: number) => void;
  fail: (error: Error) => void;
}

const LOOK_EVERY_MS = 150;

/** Tells when a log has grown. One statement looks for all who wait in this instance, however many they are. */
@Injectable()
export class LogGrowth {
  private readonly waiting = new Set<Waiting>();
  private isLooking = false;

  constructor(private readonly database: Database) {}

  /**
   * Waits until the log has more than `size` events, time is up or the signal comes.
   *
   * @returns how many it has; `size` itself when there are no more.
   */
  async beyond(workspaceId: string, size: number, limitMs: number, signal: AbortSignal): Promise<number> {
    if (signal.aborted) return size;
    return new Promise((resolve, reject) => {
      const settle = (work: () => void): void => {
        this.waiting.delete(waiting);
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        work();
      };
      const tell = (found: number): void => {
        settle(() => {
          resolve(found);
        });
      };
      const fail = (error: Error): void => {
        settle(() => {
          reject(error);
        });
      };
      const giveUp = (): void => {
        tell(size);
      };
      const waiting: Waiting = { workspaceId, size, tell, fail };
      const timer = setTimeout(giveUp, Math.max(limitMs, 0));
      signal.addEventListener('abort', giveUp);
      this.waiting.add(waiting);
      if (!this.isLooking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.waiting.size > 0) {
      await this.lookOnce().catch((error: unknown) => {
        for (const { fail } of this.waiting) fail(error as Error);
      });
      await delay(LOOK_EVERY_MS);
    }
    this.isLooking = false;
  }

  private async lookOnce(): Promise<void> {
    const ids = new Set([...this.waiting].map(({ workspaceId }) => workspaceId));
    const trees = await this.database.query<{ workspace_id: string; size: string }>(
      'select workspace_id, size from audit_trees where workspace_id = any($1)',
      [[...ids]],
    );
    const sizes = new Map(trees.map((tree) => [tree.workspace_id, Number(tree.size)]));
    for (const { workspaceId, size, tell } of this.waiting) {
      const found = sizes.get(workspaceId) ?? 0;
      if (found > size) tell(found);
    }
  }
}
