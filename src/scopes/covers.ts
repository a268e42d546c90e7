/**
 * The algebra of scope sets (contract §5, Scopes): what a list of scopes and patterns permits.
 *
 * Everything here expects scopes that passed `parseScope`. Patterns are compared by form, never by what happens
 * to exist: `audit:read` does not cover `audit:*`, although it is all of it today, because the pattern will also
 * match what a later version adds, and nobody gives what they do not have.
 */

/**
 * Whether one of the held scopes permits the wanted one, which may itself be a pattern. `a:*` covers `a:b`,
 * `a:b:c` and `a:b:*`; it does not cover `a`, nor `ab:c`.
 */
export function covers(held: readonly string[], wanted: string): boolean {
  // Nearly every question is answered by equality, which is far cheaper than looking at patterns.
  return held.includes(wanted) || held.some((scope) => widens(scope, wanted));
}

/** Those of the wanted scopes that the held ones do not permit, in the order they were asked for. */
export function missing(held: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter((scope) => !covers(held, scope));
}

/** Whether the outer set permits everything the inner one does. */
export function isSubset(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((scope) => covers(outer, scope));
}

/** The same permissions as the shortest list: no duplicates, nothing that another member covers. Keeps the order. */
export function smallest(scopes: readonly string[]): string[] {
  return scopes.filter(
    (scope, at) => scopes.indexOf(scope) === at && !scopes.some((other) => widens(other, scope)),
  );
}

/**
 * What both sets permit. A first set that loses nothing comes back as it is, so that a token whose ancestors take
 * nothing away shows its scopes exactly as issued; else the shortest list, in the order of the first set, with
 * the members of the second in place of the pattern they narrow.
 *
 * Two patterns are either nested or have nothing in common, so the narrower of each related pair is the whole
 * intersection.
 */
export function meet(a: readonly string[], b: readonly string[]): readonly string[] {
  if (isSubset(a, b)) return a;
  return smallest(
    a.flatMap((scope) => (covers(b, scope) ? [scope] : b.filter((other) => widens(scope, other)))),
  );
}

/**
 * What a token may do: the intersection along its chain of ancestors, the token's own scopes first (contract §5:
 * "what counts at every use is the intersection along the chain of ancestors"). An empty chain may do nothing.
 */
export function effectiveScopes(chain: readonly (readonly string[])[]): readonly string[] {
  const [own = [], ...ancestors] = chain;
  return ancestors.reduce((left, held) => meet(left, held), own);
}

/** Whether the first is a pattern that matches the second and is not the second itself. */
function widens(pattern: string, scope: string): boolean {
  return pattern.endsWith(':*') && pattern !== scope && scope.startsWith(pattern.slice(0, -1));
}
