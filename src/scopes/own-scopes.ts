/**
 * Tooken's own scopes: all that exist under the reserved resources `tokens`, `audit` and `scopes`
 * (contract §5). Every other scope is the workspace's own.
 */
export const OWN_SCOPES = [
  'tokens:read',
  'tokens:write',
  'tokens:verify',
  'audit:read',
  'scopes:read',
  'scopes:write',
] as const;
export type OwnScope = (typeof OWN_SCOPES)[number];

/** One sentence each, for the API document, the scope list and the dashboard. */
export const OWN_SCOPE_DESCRIPTIONS: Readonly<Record<OwnScope, string>> = {
  'tokens:read': 'List and read the tokens of the environment.',
  'tokens:write': 'Issue tokens, and change, rotate and revoke the tokens descended from the caller.',
  'tokens:verify': 'Verify tokens presented to your own APIs.',
  'audit:read': 'Read, search, follow and export the audit log.',
  'scopes:read': 'List the scopes known to the workspace.',
  'scopes:write': "Create, describe and delete the workspace's own scopes.",
};

const OWN: ReadonlySet<string> = new Set(OWN_SCOPES);

/** The first segments a workspace cannot use for itself. */
export const RESERVED_RESOURCES: ReadonlySet<string> = new Set(OWN_SCOPES.map(resourceOf));

/** Whether the text is exactly one of Tooken's own scopes; a wildcard over them is not. */
export function isOwnScope(text: string): text is OwnScope {
  return OWN.has(text);
}

/** The first segment of a scope. */
export function resourceOf(scope: string): string {
  return scope.split(':', 1)[0] ?? scope;
}
