/** The policies of a workspace, and what the one about inactive tokens leaves on them. */
export class AddPolicies1795500300000 {
  async up(db) {
    await db.query(`
      alter table workspaces
        add column max_token_ttl integer,
        add column require_expiry boolean not null default false,
        add column default_prefix text,
        add column inactive_after_days integer,
        add column inactive_checked_at timestamptz(3),
        add column allowed_management_ips text[],
        add constraint workspaces_ttl_check check (max_token_ttl > 0),
        add constraint workspaces_inactive_check check (inactive_after_days > 0)`);
    await db.query(`
      alter table tokens
        add column active_since timestamptz(3),
        add column suspended_at timestamptz(3),
        add column suspended_reason text,
        add constraint tokens_suspended_check check (suspended_reason in ('inactive'))`);
  }

  async down(db) {
    await db.query(`
      alter table tokens
        drop column active_since,
        drop column suspended_at,
        drop column suspended_reason`);
    await db.query(`
      alter table workspaces
        drop column max_token_ttl,
        drop column require_expiry,
        drop column default_prefix,
        drop column inactive_after_days,
        drop column inactive_checked_at,
        drop column allowed_management_ips`);
  }
}
