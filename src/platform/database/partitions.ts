import { setTimeout as delay } from 'node:timers/promises';
import { monthAt, type Month } from './months.js';
import type { Run } from './owner.js';
import { sqlState } from './unavailable.js';

/** This month and three more, so that a product which nobody starts anew has time to mend what keeps it from making them. */
const MONTHS_AHEAD = 3;
/**
 * A partition is attached under a lock on the one for all others, which a list of events reads too. So short a wait
 * that nobody notices, and then again.
 */
const LOCK_WAIT = '80ms';
const ATTEMPTS = 10;
const PAUSE_MS = 200;

const LOCK_NOT_AVAILABLE = '55P03';
const CHECK_VIOLATION = '23514';

/**
 * Makes the partitions of the audit log for the month of this moment and for those that follow, where they are not
 * there already. Events are written meanwhile: none waits.
 *
 * @param at Unix milliseconds.
 * @returns what could not be made, in words; those events go into the partition for all others.
 */
export async function makePartitions(run: Run, at: number): Promise<string[]> {
  const troubles: string[] = [];
  for (let later = 0; later <= MONTHS_AHEAD; later++) {
    const month = monthAt(at, later);
    const trouble = await makePartition(run, month);
    if (trouble !== null) troubles.push(`no partition for ${month.name}: ${trouble}`);
  }
  return troubles;
}

/** Whether this role may make, detach and drop partitions. */
export async function ownsLog(run: Run): Promise<boolean> {
  const [row] = await run<{ owns: boolean }>(
    `select pg_has_role(relowner, 'usage') as owns from pg_class where oid = 'audit_events'::regclass`,
  );
  return row?.owns === true;
}

async function makePartition(run: Run, month: Month): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run(`select audit_make_partitions($1, 0) from set_config('lock_timeout', $2, true)`, [
        new Date(month.from),
        LOCK_WAIT,
      ]);
      return null;
    } catch (error) {
      if (sqlState(error) === CHECK_VIOLATION) return 'events of that month were there before it';
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      if (attempt === ATTEMPTS) return 'the log is being read all the time';
      await delay(PAUSE_MS);
    }
  }
}
