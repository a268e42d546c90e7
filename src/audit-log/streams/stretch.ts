/** A part of a log, by indexes: from inclusive, to exclusive. */
export interface Stretch {
  from: number;
  to: number;
}

/** The places of the first that are in none of the others. Both are in order, and overlap none of their own. Pure. */
export function placesWithout(stretches: readonly Stretch[], others: readonly Stretch[]): Stretch[] {
  const left: Stretch[] = [];
  let at = 0;
  for (const { from, to } of stretches) {
    let next = from;
    for (; at < others.length && others[at]!.from < to; at++) {
      const other = others[at]!;
      if (other.from > next) left.push({ from: next, to: other.from });
      next = Math.max(next, other.to);
      if (other.to > to) break;
    }
    if (next < to) left.push({ from: next, to });
  }
  return left;
}

export function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}
