import { Clock } from '../../src/platform/clock.js';

/** The one thing that is mocked: it runs on its own unless it is moved or held. */
export class TestClock extends Clock {
  private offset = 0;
  private held: number | null = null;

  override now(): number {
    return this.held ?? Date.now() + this.offset;
  }

  /** Moves it forward. */
  advance(milliseconds: number): void {
    if (this.held === null) this.offset += milliseconds;
    else this.held += milliseconds;
  }

  /** Stands still at this moment, in Unix milliseconds. */
  hold(at: number = this.now()): void {
    this.held = at;
  }
}
