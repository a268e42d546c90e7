/** So few waiting are no queue, however slowly they are answered. */
const FLOOR = 512;
/** So many wait for too long even when they have come all at once, of what the floor is. */
const BURST = 2;
/** So few may wait even where hardly any are answered, of what the floor is. */
const LEAST_SHARE = 1 / 8;
/** As many may wait as are answered in this time. */
const WAIT_SECONDS = 0.1;
/** A queue that has stood for so long is no burst. */
const STANDING_SECONDS = 0.2;
/** How quickly the rate follows: half of it is of the last 350 ms. */
const FRESH = 0.2;

/**
 * Judges whether more requests come than can be answered. What comes on top would only make everybody wait longer, so
 * it is to be refused at once. A burst is not: what counts is the shortest the queue has been (RFC 8289 §3, CoDel), and
 * it has to stand for a moment before anybody is refused, unless it is so long that its end would wait for too long in any
 * case. Keeps numbers only; decides nothing about a credential.
 */
export class Overload {
  private queue = 0;
  private least = 0;
  private answered = 0;
  private rate = 0;
  private stoodFor = 0;
  private shedding = false;

  constructor(private readonly floor = FLOOR) {}

  /** How many wait for their answer. */
  get waiting(): number {
    return this.queue;
  }

  /** Whether one more may wait. */
  get admits(): boolean {
    return this.queue < (this.shedding ? this.limit : Math.max(this.floor * BURST, this.limit));
  }

  /** How many may wait while there are too many: refusing takes time as well, so fewer are answered than before. */
  private get limit(): number {
    return Math.max(this.floor * LEAST_SHARE, this.rate * WAIT_SECONDS);
  }

  enter(): void {
    this.queue += 1;
  }

  leave(): void {
    this.queue -= 1;
    this.answered += 1;
    if (this.queue < this.least) this.least = this.queue;
  }

  /** To be called about ten times a second, with the seconds since the last time. */
  tick(seconds: number): void {
    this.rate += FRESH * (this.answered / seconds - this.rate);
    this.stoodFor = this.least > Math.max(this.floor, this.limit) ? this.stoodFor + seconds : 0;
    // While it sheds the queue stays below its limit; half of that means that they have stopped coming.
    this.shedding = this.shedding ? this.least > this.limit / 2 : this.stoodFor >= STANDING_SECONDS;
    this.least = this.queue;
    this.answered = 0;
  }
}
