/** What rotation with a grace needs: whose former value lives on, who still uses it, and what its reuse leads to. */
export class RotateTokens1795500000000 {
  async up(db) {
    await db.query(`
      alter table workspaces
        add column reuse_policy text not null default 'alert',
        add constraint workspaces_reuse_policy_check check (reuse_policy in ('alert', 'revoke'))`);
    await db.query('alter table tokens add column previous_hint text');
    // Counted by the sequencer. Updated often while a grace lasts, never grows: room to do so in place.
    await db.query(`
      create table audit_value_uses (
        workspace_id text collate "C" not null,
        credential_id text collate "C" not null,
        hint text not null,
        uses bigint not null,
        last_used_at timestamptz(3) not null,
        last_event_id text collate "C" not null,
        last_used_as text not null,
        constraint audit_value_uses_pkey primary key (workspace_id, credential_id, hint),
        constraint audit_value_uses_as_check check (last_used_as in ('caller', 'presented'))
      ) with (fillfactor = 70)`);
  }

  async down(db) {
    await db.query('drop table audit_value_uses');
    await db.query('alter table tokens drop column previous_hint');
    await db.query('alter table workspaces drop column reuse_policy');
  }
}
