/** Who has disabled a token, so that none below enables it again. Of those that are disabled already it was the owner. */
export class RememberWhoDisabled1795600200000 {
  async up(db) {
    await db.query('alter table tokens add column disabled_by_id text collate "C"');
    await db.query(
      'alter table tokens add constraint tokens_disabled_by_check check (disabled_by_id is null or not enabled)',
    );
  }

  async down(db) {
    await db.query('alter table tokens drop column disabled_by_id');
  }
}
