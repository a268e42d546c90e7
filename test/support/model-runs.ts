const FACTOR = Number(process.env.TOOKEN_TEST_MODEL_FACTOR ?? '1');

/** How many random sequences a model is held against; `npm run test:models` wants more than `npm test` has time for. */
export function modelRuns(usually: number): number {
  return usually * FACTOR;
}
