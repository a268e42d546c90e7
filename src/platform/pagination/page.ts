/** A list's answer (contract §2). */
export interface Page<T> {
  data: T[];
  /** Null on the last page. */
  next_cursor: string | null;
}

/**
 * The page from `limit + 1` rows: the one too many is never shown, it only proves that there is a next page.
 * The next page begins after the last row shown.
 */
export function page<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { data, next_cursor: hasMore ? cursorOf(last) : null };
}
