import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../platform/clock.js';
import { sqlState } from '../../platform/database/unavailable.js';
import { Problem } from '../../platform/errors/problem.js';
import { AuditRecorder } from '../audit-recorder.js';
import { FloodCounter, type Excess, type Fold } from './flood-counter.js';
import { describe, kindOf, originOf, toEntry, type FirstRefusal, type Refusal } from './refusal.js';

/** About 40 MB when both are full, which takes an attacker with as many addresses or dead credentials. */
const ROOM = { origins: 50_000, folds: 10_000 };
/** How often is looked whether a minute has ended. */
const LOOK_EVERY_MS = 500;
/** As many events at a time as leave room for those that somebody is waiting for. */
const PORTION = 100;
/** How long the last events are tried to be written when the product stops. */
const LAST_TRIES_MS = 4_000;

/**
 * Folds floods of refused requests (contract §6): after some refusals of one code from one address within a minute
 * the rest are answered 429, and those of one kind make one event, written when the minute ends. Each instance counts
 * for itself. Only what is answered changes: a request is judged as ever, so that a good credential is served from
 * wherever bad ones come.
 */
@Injectable()
export class Floods implements OnApplicationShutdown {
  private readonly logger = new Logger(Floods.name);
  private readonly counter = new FloodCounter<FirstRefusal>(ROOM);
  private looking: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  /** Whether the log has been told that there is something that cannot be written. */
  private isLate = false;

  constructor(
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts a refusal.
   *
   * @returns what to answer instead, its event being taken care of; null: answer and record it as it is.
   * @throws Problem `unavailable` when there was no room to count it, and its own event cannot be written.
   */
  async refuse(refusal: Refusal): Promise<Problem | null> {
    this.looking ??= setInterval(() => void this.write(), LOOK_EVERY_MS).unref();
    const at = this.clock.now();
    const first = (): FirstRefusal => describe(refusal);
    const excess = this.counter.refuse(originOf(refusal), kindOf(refusal), at, first);
    if (excess === null) return null;
    if (!excess.isCounted) {
      await this.recorder.record(toEntry({ first: first(), count: 1, firstAt: at, lastAt: at }, at));
    }
    await delay(excess.pace.take(performance.now()));
    return tooMany(excess);
  }

  /** Nest ends whoever stands on the recorder before the recorder itself. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.looking ?? undefined);
    const giveUp = performance.now() + LAST_TRIES_MS;
    await this.writing;
    await this.write(Infinity);
    while (this.counter.ended.size > 0 && performance.now() < giveUp) {
      await delay(LOOK_EVERY_MS);
      await this.write(Infinity);
    }
    const lost = [...this.counter.ended].reduce((sum, { count }) => sum + count, 0);
    if (lost > 0) this.logger.error({ lost }, 'Folded refusals could not be recorded');
  }

  /** Writes what has ended, and what could not be written before. */
  private write(at = this.clock.now()): Promise<void> {
    return (this.writing ??= this.writeEnded(at).finally(() => {
      this.writing = null;
    }));
  }

  private async writeEnded(at: number): Promise<void> {
    this.counter.end(at);
    const folds = [...this.counter.ended];
    let fault: unknown = null;
    for (let from = 0; from < folds.length; from += PORTION) {
      const tries = folds.slice(from, from + PORTION).map((fold) => this.writeFold(fold));
      const faults = await Promise.all(tries);
      fault ??= faults.find((each) => each !== null) ?? null;
      // The others would fare no better; they are tried again at the next look.
      if (!faults.includes(null)) break;
    }
    if (fault !== null && !this.isLate)
      this.logger.warn({ err: fault }, 'Folded refusals cannot be recorded yet');
    this.isLate = fault !== null;
  }

  /** @returns what went wrong; null: it is on record. */
  private async writeFold(fold: Fold<FirstRefusal>): Promise<unknown> {
    try {
      await this.recorder.record(toEntry(fold, this.clock.now()));
    } catch (error) {
      const { cause = error } = error as Problem;
      // The id stays the same: one that is there already was written by a try of which no word came back.
      if (sqlState(cause) !== '23505') return cause;
    }
    this.counter.forget(fold);
    return null;
  }
}

function tooMany({ retryAfterMs }: Excess): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new Problem('rate_limited', 'Too many refused requests; wait before you try again', {
    headers: { 'retry-after': String(seconds) },
  });
}
