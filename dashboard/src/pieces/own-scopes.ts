/** Tooken's own: what a token may do with Tooken itself. */
export const OWN_SCOPES: readonly { name: string; description: string }[] = [
  { name: 'tokens:read', description: 'List and read tokens in Tooken' },
  { name: 'tokens:write', description: 'Issue, change and revoke tokens below itself in Tooken' },
  { name: 'tokens:verify', description: 'Verify tokens in Tooken' },
  { name: 'audit:read', description: 'Read this workspace’s audit log' },
  { name: 'scopes:read', description: 'Read the catalogue of scopes' },
  { name: 'scopes:write', description: 'Change the catalogue of scopes' },
];

/** Why a text cannot be a scope, or null. */
export function scopeFault(text: string): string | null {
  const segments = text.split(':');
  if (segments.length < 2 || segments.length > 4) return 'two to four parts, separated by colons';
  const [last, ...rest] = segments.toReversed();
  if (rest.some((segment) => !/^[a-z0-9_.-]+$/.test(segment))) return 'only a-z 0-9 _ . and - in each part';
  return last === '*' || /^[a-z0-9_.-]+$/.test(last!) ? null : '* only as the whole last part';
}

/** The patterns that cover several of these scopes at once. */
export function wildcardsOf(scopes: readonly string[]): { name: string; description: string }[] {
  const counts = new Map<string, number>();
  for (const scope of scopes) {
    const resource = scope.split(':', 1)[0]!;
    counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return [...counts].map(([resource, count]) => ({
    name: `${resource}:*`,
    description: `Everything of ${resource}: ${count === 1 ? 'one scope' : `${String(count)} scopes`} today, and any added later`,
  }));
}
