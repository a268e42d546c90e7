/** The answers of calls that were made with an `Idempotency-Key`, sealed, for as long as the call may be repeated. */
export class RememberAnswers1795500100000 {
  async up(db) {
    await db.query(`
      create table idempotent_answers (
        workspace_id text collate "C" not null
          constraint idempotent_answers_workspace_fkey references workspaces (id),
        environment text not null,
        caller_id text collate "C" not null,
        key_hash bytea not null,
        request_hash bytea not null,
        sealed bytea not null,
        expires_at timestamptz(3) not null,
        constraint idempotent_answers_pkey primary key (workspace_id, environment, caller_id, key_hash),
        constraint idempotent_answers_environment_check check (environment in ('live', 'test'))
      )`);
    await db.query('create index idempotent_answers_by_expiry on idempotent_answers (expires_at)');
  }

  async down(db) {
    await db.query('drop table idempotent_answers');
  }
}
