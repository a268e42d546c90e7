export const median = (numbers) => percentile(numbers, 50);

/** By nearest rank; of an even number of values the median is the mean of the two in the middle. */
export function percentile(numbers, percent) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = (percent / 100) * sorted.length;
  const at = Math.max(Math.ceil(rank) - 1, 0);
  return percent === 50 && Number.isInteger(rank) ? (sorted[at] + sorted[at + 1]) / 2 : sorted[at];
}

/** Medians of several rounds, and how far apart they were. */
export function summary(runs) {
  const rates = runs.map(({ perSecond }) => perSecond);
  return {
    perSecond: median(rates),
    p50: median(runs.map(({ p50 }) => p50)),
    p99: median(runs.map(({ p99 }) => p99)),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
  };
}

/** Of two that were measured in turns: the median of the rounds' ratios, for the machine is not always as fast. */
export function ratioOf(runs, references, of = ({ perSecond }) => perSecond) {
  return median(runs.map((run, at) => of(run) / of(references[at])));
}
