/** 250 answers a second: a twentieth of what one processor can do. */
export const GAP_MS = 4;
/** Short, since each answer that waits keeps a connection, and a proxy before us has only so many. */
export const LONGEST_MS = 400;

/**
 * Holds back the answers of one flood. Whoever sends the next request once the last one is answered is slowed down by
 * it. Without, a hundred connections of refusals, which wait for nothing, would leave hardly a turn of the event loop
 * to those who wait for the database.
 */
export class Pace {
  private next = 0;

  /**
   * Takes the next place.
   *
   * @param now by `performance.now()`.
   * @returns milliseconds to wait.
   */
  take(now: number): number {
    const at = Math.max(this.next, now);
    this.next = Math.min(at + GAP_MS, now + LONGEST_MS);
    return at - now;
  }
}
