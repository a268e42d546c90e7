import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Lanes } from '../../platform/database/lanes.js';
import type { SequencerData, Trouble } from './sequencer-thread.js';

const THREAD = new URL('./sequencer-thread.js', import.meta.url);
/** Before a thread that has died is followed by another. */
const RESTART_MS = 200;
/** A pass at its largest, of 65,000 events, fits: it is what comes at once after a long stop. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 };

/**
 * Gives every event its place: a gap-free `index` within its workspace, and a leaf of the workspace's Merkle tree
 * (contract §6: within 1 s). Events commit in any order; what has committed waits in `audit_pending` until it is
 * taken, so that none is passed over, as one would be by following handles or a counter.
 *
 * That is as much work as answering, and nobody waits for it: it has a thread of its own.
 */
@Injectable()
export class Sequencer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sequencer.name);
  private readonly stopped = new AbortController();
  private thread: Worker | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly lanes: Lanes) {}

  onModuleInit(): void {
    this.running = this.keepRunning();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    this.thread?.postMessage('stop');
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.runThread();
      } catch (error) {
        this.logger.error({ err: error as Error }, 'the sequencer has died; starting it again');
        await delay(RESTART_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      }
    }
  }

  private async runThread(): Promise<void> {
    const workerData: SequencerData = { databaseUrl: this.lanes.url };
    const thread = new Worker(THREAD, { workerData, resourceLimits: HEAP_LIMITS });
    this.thread = thread;
    thread.on('message', ({ error }: Trouble) => {
      this.logger.error({ err: error as Error }, 'events cannot be sequenced; trying on');
    });
    await once(thread, 'exit');
  }
}
