/** Webhooks, what is sent to them, how far each log has been followed; and which tokens were told to be expiring. */
export class SendNotices1795500500000 {
  async up(db) {
    await db.query(`
      create table webhooks (
        id text collate "C" not null constraint webhooks_pkey primary key,
        workspace_id text collate "C" not null constraint webhooks_workspace_fkey references workspaces (id),
        environment text not null,
        url text not null,
        events text[],
        description text,
        enabled boolean not null,
        secret_sealed bytea not null,
        secret_hint text not null,
        previous_secret_sealed bytea,
        previous_secret_until timestamptz(3),
        from_index bigint not null,
        created_at timestamptz(3) not null,
        created_by_type text not null,
        created_by_id text collate "C",
        created_by_name text,
        constraint webhooks_environment_check check (environment in ('live', 'test'))
      )`);
    await db.query('create index webhooks_of_workspace on webhooks (workspace_id, environment, id)');

    // One notice for one webhook. What is to be sent has a time for its next attempt; what is over, or waits for its
    // webhook to be enabled again, has none.
    await db.query(`
      create table webhook_deliveries (
        id text collate "C" not null constraint webhook_deliveries_pkey primary key,
        webhook_id text collate "C" not null
          constraint webhook_deliveries_webhook_fkey references webhooks (id) on delete cascade,
        workspace_id text collate "C" not null,
        environment text not null,
        type text not null,
        event_id text collate "C" not null,
        occasion text collate "C" not null,
        payload text not null,
        status text not null,
        tries integer not null default 0,
        attempts jsonb not null default '[]',
        created_at timestamptz(3) not null,
        next_attempt_at timestamptz(3),
        constraint webhook_deliveries_status_check check (status in ('pending', 'delivered', 'failed'))
      )`);
    await db.query(
      'create unique index webhook_deliveries_once on webhook_deliveries (webhook_id, occasion)',
    );
    await db.query('create index webhook_deliveries_of_webhook on webhook_deliveries (webhook_id, id)');
    await db.query(
      'create index webhook_deliveries_by_status on webhook_deliveries (webhook_id, status, id)',
    );
    await db.query(
      `create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where next_attempt_at is not null`,
    );
    await db.query(`
      create index webhook_deliveries_due_of_webhook on webhook_deliveries (webhook_id, next_attempt_at)
       where next_attempt_at is not null`);

    await db.query(`
      create table webhook_cursors (
        workspace_id text collate "C" not null constraint webhook_cursors_pkey primary key,
        next_index bigint not null
      )`);

    // No foreign key: its check would lock the token's row, and wait for whoever is revoking it.
    await db.query(`
      create table token_expiry_notices (
        token_id text collate "C" not null constraint token_expiry_notices_pkey primary key,
        expires_at timestamptz(3) not null,
        days smallint not null
      )`);
    await db.query(`
      create index tokens_expiring on tokens (expires_at, id) where expires_at is not null and revoked_at is null`);
  }

  async down(db) {
    await db.query('drop index tokens_expiring');
    await db.query('drop table token_expiry_notices, webhook_cursors, webhook_deliveries, webhooks');
  }
}
