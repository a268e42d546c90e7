const MAX_SLUG = 48;

/** A name as it may stand in a URL and in HTTP Basic: `Example Ltd.` → `example-ltd`. Pure. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'workspace' : slug;
}
