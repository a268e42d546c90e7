/**
 * Uses of tokens with limits are counted in a table of their own: a row of `tokens` is wide and has many indexes, and
 * whoever changes a token must not wait for those who use it.
 */
export class CountUsesApart1795500200000 {
  async up(db) {
    // Half of each page is left free, so that a count rewrites its row within the page and touches no index.
    await db.query(`
      create table token_counters (
        token_id text collate "C" not null constraint token_counters_pkey primary key,
        uses bigint not null default 0,
        window_started_at timestamptz(3),
        window_uses integer not null default 0
      ) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05)`);
    await db.query('insert into token_counters (token_id, uses) select id, uses from tokens where uses > 0');
    await db.query('alter table tokens drop column uses');
    await db.query(`
      alter table tokens
        add constraint tokens_max_uses_check check (max_uses > 0),
        add constraint tokens_rate_limit_check check (
          (rate_limit is null) = (rate_limit_window_seconds is null) and rate_limit > 0 and rate_limit_window_seconds > 0)`);
  }

  async down(db) {
    await db.query(
      'alter table tokens drop constraint tokens_rate_limit_check, drop constraint tokens_max_uses_check',
    );
    await db.query('alter table tokens add column uses bigint not null default 0');
    await db.query('update tokens set uses = c.uses from token_counters c where c.token_id = tokens.id');
    await db.query('drop table token_counters');
  }
}
