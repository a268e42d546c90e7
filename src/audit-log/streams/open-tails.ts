import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { unavailable } from '../../platform/database/unavailable.js';
import { Problem } from '../../platform/errors/problem.js';
import type { Tail } from './tail.js';

/** For each workspace, in each instance. */
export const MOST_TAILS = 100;

/** The tails of this instance: no more than it can serve, and none that outlives it. */
@Injectable()
export class OpenTails implements BeforeApplicationShutdown {
  private readonly tails = new Map<string, Set<Tail>>();
  private isClosing = false;

  /** How many there are, of all workspaces. */
  get count(): number {
    return [...this.tails.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** @throws Problem `rate_limited` when the workspace has too many; `unavailable` when the product is stopping. */
  admit(workspaceId: string, open: () => Tail): Tail {
    if (this.isClosing) throw unavailable();
    const own = this.tails.get(workspaceId) ?? new Set();
    if (own.size >= MOST_TAILS) {
      throw new Problem('rate_limited', `${MOST_TAILS} tails are open; close one before you open another`, {
        headers: { 'retry-after': '5' },
      });
    }
    const tail = open();
    this.tails.set(workspaceId, own.add(tail));
    tail.body.once('close', () => {
      own.delete(tail);
      if (own.size === 0) this.tails.delete(workspaceId);
    });
    return tail;
  }

  /** Before the server waits for its answers: these would never end by themselves. */
  beforeApplicationShutdown(): void {
    this.isClosing = true;
    for (const own of this.tails.values()) for (const tail of own) tail.end();
  }
}
