/** The one source of "now". Tests move it; nothing else in the product reads the time for a decision. */
export class Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number {
    return Date.now();
  }
}
