import { Pace } from './pace.js';

/** So many refusals of one origin in a minute are answered and recorded one by one. */
export const SINGLE_REFUSALS = 20;
/** A minute begins with an origin's first refusal, so that no flood is let through twice at the turn of one. */
export const MINUTE_MS = 60_000;

/** Refusals of one kind that were counted instead of recorded. */
export interface Fold<First> {
  /** The first of them, which speaks for all. */
  first: First;
  count: number;
  /** Unix milliseconds, like all times here. */
  firstAt: number;
  lastAt: number;
}

/** What is told of a refusal that came after those that are recorded one by one. */
export interface Excess {
  retryAfterMs: number;
  /** False when there is no room to count it: then it is to be recorded by itself. */
  isCounted: boolean;
  /** Of all answers that came of this origin's flood. */
  pace: Pace;
}

interface Minute<First> {
  from: number;
  refusals: number;
  /** By kind. */
  folds: Map<string, Fold<First>>;
  pace: Pace;
}

interface Room {
  /** How many origins are watched at a time; the refusals of others never fold. */
  origins: number;
  /** How many folds are kept at a time, those included that have ended and are not forgotten yet. */
  folds: number;
}

/**
 * Counts refusals by origin, which decides when they begin to fold, and by kind, which decides what folds into what.
 * Pure but for its memory, which is bounded: what finds no room is left to be recorded, never lost.
 */
export class FloodCounter<First> {
  /** Folds whose minute is over, until they are forgotten. */
  readonly ended = new Set<Fold<First>>();
  private readonly minutes = new Map<string, Minute<First>>();
  private folds = 0;

  constructor(private readonly room: Room) {}

  /**
   * Counts one refusal.
   *
   * @returns null for one that is to be answered and recorded as if nobody had counted.
   */
  refuse(origin: string, kind: string, at: number, describe: () => First): Excess | null {
    const minute = this.minuteOf(origin, at);
    if (minute === null) return null;
    minute.refusals += 1;
    if (minute.refusals <= SINGLE_REFUSALS) return null;
    // A clock that was set back must not send anyone away for longer.
    const retryAfterMs = Math.min(minute.from + MINUTE_MS - at, MINUTE_MS);
    return { retryAfterMs, isCounted: this.fold(minute, kind, at, describe), pace: minute.pace };
  }

  /** Ends the minutes that are over at this time. */
  end(at: number): void {
    for (const [origin, minute] of this.minutes) if (isOver(minute, at)) this.close(origin, minute);
  }

  /** Makes room: the fold is on record. */
  forget(fold: Fold<First>): void {
    if (this.ended.delete(fold)) this.folds -= 1;
  }

  private minuteOf(origin: string, at: number): Minute<First> | null {
    const known = this.minutes.get(origin);
    if (known !== undefined) {
      if (!isOver(known, at)) return known;
      this.close(origin, known);
    }
    if (this.minutes.size >= this.room.origins) return null;
    const minute: Minute<First> = { from: at, refusals: 0, folds: new Map(), pace: new Pace() };
    this.minutes.set(origin, minute);
    return minute;
  }

  private fold(minute: Minute<First>, kind: string, at: number, describe: () => First): boolean {
    const fold = minute.folds.get(kind);
    if (fold !== undefined) {
      fold.count += 1;
      fold.lastAt = at;
      return true;
    }
    if (this.folds >= this.room.folds) return false;
    this.folds += 1;
    minute.folds.set(kind, { first: describe(), count: 1, firstAt: at, lastAt: at });
    return true;
  }

  private close(origin: string, minute: Minute<First>): void {
    this.minutes.delete(origin);
    for (const fold of minute.folds.values()) this.ended.add(fold);
  }
}

/** In either direction: a clock that was set back by an hour must not make this minute last one. */
function isOver({ from }: Minute<unknown>, at: number): boolean {
  return Math.abs(at - from) >= MINUTE_MS;
}
