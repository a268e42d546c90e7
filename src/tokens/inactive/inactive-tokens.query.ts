/** Claims the workspaces whose last round is long ago. $1 now, $2 how long ago it must be. */
export const DUE_WORKSPACES = `
  update workspaces set inactive_checked_at = $1
   where inactive_after_days is not null and (inactive_checked_at is null or inactive_checked_at <= $2)
  returning id, inactive_after_days as days`;

/** When the time began in which a token was to be used. */
const BEGAN = 'greatest(created_at, not_before, active_since)';

/** Tokens that could have been used for long enough: $3 the last one seen, $4 their end, $5 since when, $6 now. */
export const STALE_TOKENS = `
  select id, name from tokens
   where workspace_id = $1 and environment = $2 and id > $3 and id < $4
     and enabled and revoked_at is null and (expires_at is null or expires_at > $6) and ${BEGAN} <= $5
   order by id limit $7`;

/** Tokens issued by these ($2), or by theirs; $3 the last one seen. */
export const DESCENDANTS = `
  select id, lineage from tokens
   where workspace_id = $1 and lineage && $2::text[] and id > $3 and revoked_at is null
   order by id limit $4`;

/** Only what is still as it was when it was looked at: $4 since when, $5 now. */
export const SUSPEND = `
  update tokens set enabled = false, suspended_at = $5, suspended_reason = 'inactive'
   where workspace_id = $1 and environment = $2 and id = any($3) and enabled and revoked_at is null and ${BEGAN} <= $4
  returning id, name`;
