export const median = (numbers) => percentile(numbers, 50);

/** By nearest rank; of an even number of values the median is the mean of the two in the middle. */
export function percentile(numbers, percent) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = (percent / 100) * sorted.length;
  const at = Math.max(Math.ceil(rank) - 1, 0);
  return percent === 50 && Number.isInteger(rank) ? (sorted[at] + sorted[at + 1]) / 2 : sorted[at];
}
