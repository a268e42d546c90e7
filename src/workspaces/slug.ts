const MAX_SLUG = 48;

/**
 * A name as it may stand in a URL and in HTTP Basic: `Example Ltd.` → `example-ltd`. Pure.
 *
 * @param suffix counts those who want the same: the second is `example-ltd-2`.
 */
export function slugOf(name: string, suffix = 1): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  const base = slug === '' ? 'workspace' : slug;
  return suffix === 1 ? base : `${base}-${String(suffix)}`;
}
