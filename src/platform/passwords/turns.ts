import { Problem } from '../errors/problem.js';

interface Limits {
  /** How much is under way at the same time. */
  atOnce: number;
  /** How many may wait; whoever comes on top is refused rather than held. */
  waiting: number;
}

/** Lets a few do their work at the same time, and the others in the order in which they came. */
export class Turns {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: Limits) {}

  /** @throws Problem `unavailable` when too many wait already; the work is not begun then. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay < this.limits.atOnce) this.underWay += 1;
    else await this.wait();
    try {
      return await work();
    } finally {
      // The turn is handed on: nobody who comes just now goes first.
      const next = this.waiting.shift();
      if (next === undefined) this.underWay -= 1;
      else next();
    }
  }

  private wait(): Promise<void> {
    if (this.waiting.length < this.limits.waiting)
      return new Promise<void>((resolve) => this.waiting.push(resolve));
    const problem = new Problem('unavailable', 'Too much is asked for at the moment; try again shortly', {
      headers: { 'retry-after': '1' },
    });
    return Promise.reject(problem);
  }
}
