const MINUTE_MS = 60_000;

/** Unused for so long, a session is over. */
export const IDLE_MS = 12 * 60 * MINUTE_MS;
/** After so long it is over anyway. */
export const LIFE_MS = 7 * 24 * 60 * MINUTE_MS;
/** How long a person who has confirmed that it is they need not do so again. */
export const SUDO_MS = 10 * MINUTE_MS;
/** How often is written down that a session is in use. */
export const SEEN_EVERY_MS = MINUTE_MS;
/** How long ended sessions are remembered, to name the owner of a cookie that is refused. */
export const REMEMBERED_MS = 30 * 24 * 60 * MINUTE_MS;
