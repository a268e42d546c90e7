import { Problem } from '../errors/problem.js';

/**
 * SQLSTATE classes that say "not now" rather than "never": connection (08), resources (53), operator
 * intervention (57), object state such as a lock not had in time (55), insufficient privilege (42501),
 * transaction rollback by deadlock or serialisation (40), system error (58), read-only (25006).
 */
const NOT_NOW = /^(08|53|57|55|40|58)|^(42501|25006)$/;

/** What the driver and the sockets say, without a SQLSTATE, when the database is out of reach. */
const OUT_OF_REACH =
  /timeout|terminated|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|Connection|not queryable|Client was closed|No SASL/i;

/** The SQLSTATE of a database error, or null when it is something else. */
export function sqlState(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** Whether the database could not be asked, as opposed to having refused what it was asked. */
export function isOutOfReach(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return NOT_NOW.test(state);
  return (
    error instanceof Error &&
    !(error instanceof Problem) &&
    OUT_OF_REACH.test(`${error.name} ${error.message}`)
  );
}

/** Turns "the database cannot be asked" into the contract's 503; leaves every other error as it is. */
export function asUnavailable(error: unknown): unknown {
  return isOutOfReach(error) ? unavailable(error) : error;
}

/** 503 with a hint when to come back. */
export function unavailable(cause?: unknown): Problem {
  return new Problem(
    'unavailable',
    'The service cannot record decisions at the moment; nothing was changed',
    {
      headers: { 'retry-after': '1' },
      cause,
    },
  );
}
