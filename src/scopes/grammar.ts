import { isOwnScope, OWN_SCOPES, RESERVED_RESOURCES, resourceOf } from './own-scopes.js';

/** Longest scope accepted. The contract names no limit; one is needed, for scopes are stored, listed and logged. */
export const MAX_SCOPE_LENGTH = 128;

/** Contract §5: two to four segments; `*` only as the whole last one, and so never as the first. */
const SCOPE = /^[a-z0-9_.-]+(?::[a-z0-9_.-]+){0,2}:(?:[a-z0-9_.-]+|\*)$/;

export type ParsedScope = { ok: true } | { ok: false; message: string };

const FORM =
  'must be two to four segments of a-z, 0-9, "_", "." and "-", separated by ":"; ' +
  '"*" may stand only as the whole last segment';

/**
 * Whether the text is a scope or a pattern over scopes (contract §5, Scopes).
 *
 * Under a reserved resource only Tooken's own scopes exist, so anything else is refused here, not registered as
 * the workspace's own. Of patterns, `tokens:*`, `audit:*` and `scopes:*` are accepted: they stand for every scope
 * of that resource, also for those of later versions. Longer ones (`tokens:read:*`) would match nothing that
 * exists, and are refused.
 */
export function parseScope(text: string): ParsedScope {
  if (text.length > MAX_SCOPE_LENGTH) {
    return { ok: false, message: `must be at most ${MAX_SCOPE_LENGTH} characters` };
  }
  if (!SCOPE.test(text)) return { ok: false, message: FORM };
  if (isReserved(text) && !isOwnScope(text) && text !== `${resourceOf(text)}:*`) {
    return { ok: false, message: reservedMessage(resourceOf(text)) };
  }
  return { ok: true };
}

/** Whether the scope or pattern lies under a resource that belongs to Tooken itself. */
export function isReserved(scope: string): boolean {
  return RESERVED_RESOURCES.has(resourceOf(scope));
}

/** Whether a grammatical scope is a pattern, that is, ends in the segment `*`. */
export function isPattern(scope: string): boolean {
  return scope.endsWith(':*');
}

function reservedMessage(resource: string): string {
  const existing = OWN_SCOPES.filter((scope) => resourceOf(scope) === resource);
  return `"${resource}" is reserved for Tooken; of it exist only ${[...existing, `${resource}:*`].join(', ')}`;
}
