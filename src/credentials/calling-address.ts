import { inAnyRange } from '../platform/addresses.js';
import type { WorkspaceFacts } from './credential-facts.js';

/** Whether the workspace lets its API keys and tokens call Tooken from this address. Pure. */
export function mayCallFrom({ allowedManagementIps: ranges }: WorkspaceFacts, ip: string): boolean {
  return ranges === null || inAnyRange(ip, ranges);
}
