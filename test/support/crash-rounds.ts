/** How often the crash test kills everything; `npm run test:crash` wants more than `npm test` has time for. */
export const CRASH_ROUNDS = Number(process.env.TOOKEN_TEST_CRASH_ROUNDS ?? '3');
