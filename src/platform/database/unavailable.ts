import { Problem } from '../errors/problem.js';

/**
 * SQLSTATEs that say "not now" rather than "never": classes connection (08), authorization (28), no such database
 * (3D), resources (53), operator intervention (57), object state such as a lock not had in time (55), rollback by
 * deadlock or serialisation (40), system error (58); insufficient privilege, read-only, ended while idle.
 */
const NOT_NOW = /^(08|28|3D|53|57|55|40|58)|^(42501|25006|25P03)$/;

/** What Node says of a socket whose other side cannot be had. Some of these look like a SQLSTATE. */
const BROKEN_SOCKET = /^E(CONN\w+|PIPE|TIMEDOUT|HOST\w+|NET\w+|NOTFOUND|AI_\w+)$/;

/** What the driver and TypeORM say, without any code, when the database is out of reach. */
const OUT_OF_REACH = new RegExp(
  [
    'Query read timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Connection (terminated|ended)',
    'is not queryable',
    'Client was closed',
    'Cannot use a pool after calling end',
    'already released',
    'connection is not yet established',
    'SASL',
  ].join('|'),
);

/** The SQLSTATE of a database error, or null when it is something else. */
export function sqlState(error: unknown): string | null {
  const code = codeOf(error);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !BROKEN_SOCKET.test(code) ? code : null;
}

/** Whether the database could not be asked, as opposed to having refused what it was asked. */
export function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Problem) return false;
  const state = sqlState(error);
  if (state !== null) return NOT_NOW.test(state);
  return BROKEN_SOCKET.test(codeOf(error) ?? '') || OUT_OF_REACH.test(error.message);
}

/** Turns "the database cannot be asked" into the contract's 503; leaves every other error as it is. */
export function asUnavailable(error: unknown): unknown {
  return isOutOfReach(error) ? unavailable(error) : error;
}

/** 503 with a hint when to come back. */
export function unavailable(cause?: unknown): Problem {
  return new Problem('unavailable', 'The service cannot record decisions at the moment; try again shortly', {
    headers: { 'retry-after': '1' },
    cause,
  });
}

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
