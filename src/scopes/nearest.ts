/** More edits than this is another word, not a slip of the pen. */
const MAX_EDITS = 3;
/** More edits than any limit: the value of a cell out of reach. */
const FAR = 100;

/**
 * The known scope most like the unknown one, for "unknown_scope: did you mean …" (contract §5), or null if none is
 * near: at most three edits, and no more than a third of the length. Of equally near ones the first in the
 * alphabet, so that the message does not depend on the order of the list.
 */
export function nearestScope(unknown: string, known: Iterable<string>): string | null {
  let nearest: string | null = null;
  let limit = Math.min(MAX_EDITS, Math.floor(unknown.length / 3));
  for (const candidate of known) {
    const edits = editDistance(unknown, candidate, limit);
    if (edits > limit || (edits === limit && nearest !== null && candidate >= nearest)) continue;
    nearest = candidate;
    limit = edits;
  }
  return nearest;
}

/**
 * Edits between two words: insertion, deletion, substitution, and the swap of two neighbours, the commonest slip
 * of a typing hand (optimal string alignment, the restricted Damerau–Levenshtein distance). Infinity if they exceed
 * the limit.
 *
 * Only the band of the table within `limit` of the diagonal is reckoned, and hopeless words are left early, for a
 * workspace may know thousands of scopes and one request name 64 unknown ones. `row[k]` is the cell of the first
 * `i` letters of one word and the first `i + k - limit` of the other, so a step along the diagonal keeps its place.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  const width = 2 * limit + 1;
  let [beforeLast, last, row] = [new Uint8Array(width), new Uint8Array(width), new Uint8Array(width)];
  for (let i = 0; i <= a.length; i++) {
    let best = FAR;
    for (let k = 0; k < width; k++) {
      const j = i + k - limit;
      let edits = FAR;
      if (i === 0 || j === 0) edits = j < 0 ? FAR : i + j;
      else if (j > 0 && j <= b.length) {
        const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
        edits = Math.min(at(last, k) + (same ? 0 : 1), at(last, k + 1) + 1, at(row, k - 1) + 1, FAR);
        const swapped =
          a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
        if (swapped) edits = Math.min(edits, at(beforeLast, k) + 1);
      }
      row[k] = edits;
      best = Math.min(best, edits);
    }
    // A swap skips a row, but is no cheaper than the best way to a cell it skips: a hopeless row ends every way.
    if (best > limit) return Infinity;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return at(last, b.length - a.length + limit);
}

/** A cell outside the band is out of reach. */
function at(row: Uint8Array, k: number): number {
  return row[k] ?? FAR;
}
