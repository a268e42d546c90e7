/** Does the work for all, in order and this many at a time; the results are in the order of the items. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<Result>,
  size = 16,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += size) {
    const batch = items.slice(from, from + size).map((item, at) => work(item, from + at));
    results.push(...(await Promise.all(batch)));
  }
  return results;
}
