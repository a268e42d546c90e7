/** Counts who reports leaks, and finds tokens by who issued them and by their prefix. */
export class StopLeaks1795500400000 {
  async up(db) {
    await db.query(`
      create table leak_reporters (
        network bytea not null constraint leak_reporters_pkey primary key,
        since timestamptz(3) not null,
        reports integer not null
      )`);
    await db.query(`create index leak_reporters_by_age on leak_reporters (since)`);
    await db.query(`create index tokens_by_prefix on tokens (workspace_id, environment, prefix)`);
    await db.query(`
      create index tokens_by_creator on tokens (workspace_id, created_by_id, id) where created_by_id is not null`);
  }

  async down(db) {
    await db.query(`drop index tokens_by_creator`);
    await db.query(`drop index tokens_by_prefix`);
    await db.query(`drop table leak_reporters`);
  }
}
