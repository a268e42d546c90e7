/** Something in the database that is not as it was recorded. */
export interface ScrubFault {
  /** Place in the log, where there is one. */
  index: number | null;
  event_id: string | null;
  fault: string;
}

/** What a scrub of one log found. */
export interface ScrubReport {
  workspace_id: string;
  /** How many places the log has. */
  size: number;
  /** How many events are still kept, and as they were recorded. */
  events: number;
  /** The first hundred of them; none means that the log is whole. */
  faults: ScrubFault[];
  /** Why the log could not be read to its end; null if it was. */
  failed: string | null;
}

/** Whether all of the log was read, and nothing found. Pure. */
export function isWhole({ faults, failed }: ScrubReport): boolean {
  return faults.length === 0 && failed === null;
}
