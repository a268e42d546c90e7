import type { Principal } from '../../credentials/principal.js';
import { Problem } from '../../platform/errors/problem.js';
import { INSTANCE_LOG } from '../audit-draft.js';
import type { LogQuery } from '../list-audit-events.dto.js';

/** What a caller sees of the log: whose it is, and events of which environments. */
export interface LogView {
  workspaceId: string;
  environments: readonly string[];
}

/** @throws Problem `forbidden` when the caller asks for a log that it may not read. */
export function viewOf(caller: Principal, query: LogQuery): LogView {
  return { workspaceId: logOf(caller, query), environments: environmentsOf(caller, query) };
}

/**
 * Whose log the caller reads: its own workspace's, or the instance's.
 *
 * @throws Problem `forbidden` when it asks for the instance's and is not the operator workspace's.
 */
export function logOf(caller: Principal, { log }: LogQuery): string {
  if (log !== 'instance') return caller.workspace.id;
  if (!caller.workspace.operator)
    throw Problem.forbidden('Only the operator workspace reads the instance log', []);
  return INSTANCE_LOG;
}

/** Events of which environments the caller sees there: its own, and those of none; of the instance's log all. */
export function environmentsOf(caller: Principal, { log }: LogQuery): string[] {
  return log === 'instance' ? ['live', 'test', 'none'] : [caller.environment, 'none'];
}
