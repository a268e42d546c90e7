import type { Principal } from '../credentials/principal.js';
import { Problem } from '../platform/errors/problem.js';
import { covers } from '../scopes/covers.js';
import type { Requirement } from '../scopes/requires.decorator.js';

/** A refusal of a valid credential, and the reason its event gives. */
export interface Forbidden {
  problem: Problem;
  reason: 'insufficient_scope' | 'credential_type' | 'forbidden';
}

/** Whether the caller may enter a route; null = it may. Pure: a refusal is returned, not thrown. */
export function authorize(principal: Principal, requirement: Requirement): Forbidden | null {
  if (requirement === 'any') return null;
  if (requirement === 'api_key' || requirement === 'operator') {
    if (principal.type !== 'api_key') {
      return {
        reason: 'credential_type',
        problem: Problem.forbidden('A token cannot do this; use an API key', []),
      };
    }
    if (requirement === 'operator' && !principal.workspace.operator) {
      return {
        reason: 'forbidden',
        problem: Problem.forbidden('Only the operator workspace can do this', []),
      };
    }
    return null;
  }
  if (principal.scopes === '*' || covers(principal.scopes, requirement)) return null;
  return {
    reason: 'insufficient_scope',
    problem: Problem.forbidden(`The token lacks the scope ${requirement}`, [requirement]),
  };
}
