import type { Role } from '../credentials/role.js';
import { covers } from '../scopes/covers.js';
import type { OwnScope } from '../scopes/own-scopes.js';
import type { Requirement } from '../scopes/requires.decorator.js';

/** Requirements that are no scopes. */
type Door = Exclude<Requirement, OwnScope>;

interface Powers {
  /** What a person in this role may do by scope, and so may give to tokens; `*` is everything. */
  scopes: readonly string[] | '*';
  doors: readonly Door[];
}

/** Who may do what through the dashboard: all there is to roles. Among people, an admin is below an owner. */
const POWERS: Record<Role, Powers> = {
  owner: { scopes: '*', doors: ['any', 'session', 'member', 'api_key', 'operator'] },
  admin: { scopes: '*', doors: ['any', 'session', 'member', 'api_key'] },
  developer: { scopes: ['tokens:*', 'scopes:*'], doors: ['any', 'session', 'member'] },
  auditor: { scopes: ['audit:read'], doors: ['any', 'session'] },
};

export function scopesOf(role: Role): readonly string[] | '*' {
  return POWERS[role].scopes;
}

/** Whether a person in this role may enter a route that requires this. Pure. */
export function mayEnter(role: Role, requirement: Requirement): boolean {
  const { scopes, doors } = POWERS[role];
  if (isScope(requirement)) return scopes === '*' || covers(scopes, requirement);
  return doors.includes(requirement);
}

function isScope(requirement: Requirement): requirement is OwnScope {
  return requirement.includes(':');
}
