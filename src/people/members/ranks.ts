import type { Principal } from '../../credentials/principal.js';
import type { Role } from '../../credentials/role.js';
import { Problem } from '../../platform/errors/problem.js';

/**
 * Nobody gives what they do not have: only an owner makes, changes or removes owners. An API key acts like an admin,
 * since one that has leaked must not make itself an owner who outlives it. Null = allowed. Pure.
 *
 * @param roles everything that would be given, changed or taken.
 */
export function overreachOfRank(caller: Principal, ...roles: Role[]): Problem | null {
  const isOwner = caller.credential.kind === 'user' && caller.credential.role === 'owner';
  if (isOwner || !roles.includes('owner')) return null;
  return Problem.forbidden('Only an owner can decide about owners', []);
}

/** People belong to the workspace, not to an environment; of them a test key sees and changes nothing. */
export function seesPeople(caller: Principal): boolean {
  return caller.type === 'user' || caller.environment === 'live';
}
