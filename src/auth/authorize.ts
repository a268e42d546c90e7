import type { UserCredential } from '../credentials/credential-facts.js';
import '../credentials/needs-sudo.decorator.js';
import type { Principal } from '../credentials/principal.js';
import type { RoutePolicy } from '../platform/context/route-policy.js';
import { Problem } from '../platform/errors/problem.js';
import { covers } from '../scopes/covers.js';
import type { Requirement } from '../scopes/requires.decorator.js';
import { mayEnter } from './powers.js';

/** A refusal of a valid credential, and the reason its event gives. */
export interface Forbidden {
  problem: Problem;
  reason: 'insufficient_scope' | 'insufficient_role' | 'credential_type' | 'forbidden' | 'sudo_required';
}

/** What a route says of who may enter. */
export type Door = Pick<RoutePolicy, 'needsSudo'> & { requires: Requirement };

/**
 * Whether the caller may enter a route; null = it may. Pure: a refusal is returned, not thrown.
 *
 * @param now Unix milliseconds.
 */
export function authorize(principal: Principal, door: Door, now: number): Forbidden | null {
  const { credential } = principal;
  if (credential.kind === 'user') return authorizePerson(credential, door, now);
  const { requires } = door;
  if (requires === 'any') return null;
  if (requires === 'session') return wrongKind('Only a person who is signed in can do this');
  if (requires === 'api_key' || requires === 'member' || requires === 'operator') {
    if (principal.type !== 'api_key') return wrongKind('A token cannot do this; use an API key');
    if (requires !== 'operator' || principal.workspace.operator) return null;
    return {
      reason: 'forbidden',
      problem: Problem.forbidden('Only the operator workspace can do this', []),
    };
  }
  if (principal.scopes === '*' || covers(principal.scopes, requires)) return null;
  return {
    reason: 'insufficient_scope',
    problem: Problem.forbidden(`The token lacks the scope ${requires}`, [requires]),
  };
}

function authorizePerson(
  { role, sudoUntil }: UserCredential,
  { requires, needsSudo }: Door,
  now: number,
): Forbidden | null {
  if (!mayEnter(role, requires)) {
    const scopes = requires.includes(':') ? [requires] : [];
    return {
      reason: 'insufficient_role',
      problem: Problem.forbidden(`The role ${role} does not include this`, scopes),
    };
  }
  const hasSudo = sudoUntil !== null && now < sudoUntil;
  return needsSudo === true && !hasSudo ? { reason: 'sudo_required', problem: confirmFirst() } : null;
}

/** By RFC 9470 the challenge says that a fresh proof of identity would help; programs look at `details`. */
function confirmFirst(): Problem {
  return new Problem('forbidden', 'Confirm that it is you: POST /v1/session/sudo', {
    requiredScopes: [],
    details: [{ field: 'session', message: 'sudo_required' }],
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="600"' },
  });
}

function wrongKind(message: string): Forbidden {
  return { reason: 'credential_type', problem: Problem.forbidden(message, []) };
}
