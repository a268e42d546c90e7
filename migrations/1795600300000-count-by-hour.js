/**
 * Tallies of whole hours beside those of minutes: a chart of a year adds up thousands of rows instead of millions. A
 * trigger keeps them, so that they are right while an instance of the version before is still counting too.
 */
export class CountByHour1795600300000 {
  async up(db) {
    await db.query(`
      create table audit_stats_by_hour (
        workspace_id text collate "C" not null,
        environment text not null,
        hour timestamptz(0) not null,
        action text not null,
        outcome text not null,
        reason text not null,
        count bigint not null,
        constraint audit_stats_by_hour_pkey primary key (workspace_id, environment, hour, action, outcome, reason)
      ) with (fillfactor = 70)`);
    await db.query(`
      create function audit_count_by_hour() returns trigger language plpgsql as $$
      begin
        insert into audit_stats_by_hour (workspace_id, environment, hour, action, outcome, reason, count)
        values (new.workspace_id, new.environment, date_trunc('hour', new.minute, 'UTC'), new.action, new.outcome,
                new.reason, new.count - case tg_op when 'UPDATE' then old.count else 0 end)
        on conflict (workspace_id, environment, hour, action, outcome, reason)
        do update set count = audit_stats_by_hour.count + excluded.count;
        return null;
      end $$`);
    // From here on nobody else counts until this is committed, so what is there is all.
    await db.query(`
      create trigger audit_count_by_hour after insert or update on audit_stats
        for each row execute function audit_count_by_hour()`);
    await db.query(`
      insert into audit_stats_by_hour (workspace_id, environment, hour, action, outcome, reason, count)
      select workspace_id, environment, date_trunc('hour', minute, 'UTC'), action, outcome, reason, sum(count)
        from audit_stats group by 1, 2, 3, 4, 5, 6`);
  }

  async down(db) {
    await db.query('drop trigger audit_count_by_hour on audit_stats');
    await db.query('drop function audit_count_by_hour');
    await db.query('drop table audit_stats_by_hour');
  }
}
