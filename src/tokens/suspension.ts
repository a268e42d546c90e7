import type { Principal } from '../credentials/principal.js';
import { Problem } from '../platform/errors/problem.js';
import type { Token } from './token.entity.js';

type Suspended = Pick<Token, 'enabled' | 'disabledById' | 'lineage'>;

/**
 * Nobody undoes what stands above them (contract §5): a token enables only what it or a descendant of its own has
 * disabled. Null = allowed, else the refusal. Pure.
 */
export function enablingFault(caller: Principal, token: Suspended): Problem | null {
  if (caller.credential.kind !== 'token' || token.enabled) return null;
  const { lineage, disabledById: by } = token;
  if (by !== null && lineage.indexOf(by) <= lineage.indexOf(caller.id)) return null;
  return Problem.forbidden('A token cannot enable what its owner, or a token above it, has disabled', []);
}

/**
 * Who has disabled the token, once the caller has: the ancestor, or null for the owner. Of several the highest, that
 * none below may undo it. Pure.
 */
export function disabledBy(
  caller: Principal,
  { enabled, disabledById: by, lineage }: Suspended,
): string | null {
  if (caller.credential.kind !== 'token' || (!enabled && by === null)) return null;
  return by !== null && lineage.indexOf(by) > lineage.indexOf(caller.id) ? by : caller.id;
}
