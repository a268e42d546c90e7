/** When a key of the installation does what. Times are Unix milliseconds. Pure. */
export interface Scheduled {
  activatesAt: number;
}

const DAY_MS = 86_400_000;
/** How long a key signs. */
export const KEY_LIFE_MS = 30 * DAY_MS;
/** How long a key is published before its first signature: whoever has kept the old set has fetched it anew by then. */
export const KEY_LEAD_MS = DAY_MS;
/** How long a key is published after its last signature: the JWTs it signed have ended after an hour. */
export const KEY_REST_MS = 2 * 3_600_000;

/** The key that signs now, or undefined before there is one. */
export function signing<Key extends Scheduled>(keys: readonly Key[], now: number): Key | undefined {
  return byStart(keys).findLast(({ activatesAt }) => activatesAt <= now);
}

/** The keys that must be published now: those that sign, will sign, or have signed what still holds. */
export function published<Key extends Scheduled>(keys: readonly Key[], now: number): Key[] {
  const ordered = byStart(keys);
  return ordered.filter((_key, at) => {
    const next = ordered[at + 1];
    return next === undefined || now < next.activatesAt + KEY_REST_MS;
  });
}

/** When the next key is to begin, if it is time to make it; null: it is not. The very first begins at once. */
export function nextStart(keys: readonly Scheduled[], now: number): number | null {
  const newest = byStart(keys).at(-1);
  if (newest === undefined) return now;
  const planned = newest.activatesAt + KEY_LIFE_MS;
  return now < planned - KEY_LEAD_MS ? null : Math.max(planned, now + KEY_LEAD_MS);
}

function byStart<Key extends Scheduled>(keys: readonly Key[]): Key[] {
  return [...keys].sort((one, other) => one.activatesAt - other.activatesAt);
}
