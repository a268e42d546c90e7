/**
 * Tokens with values that were made elsewhere. Which workspaces have any is known with the caller: only there a value
 * that is not of our form is looked up at all.
 */
export class ImportTokens1795500100001 {
  async up(db) {
    await db.query('alter table tokens add column imported boolean not null default false');
    await db.query('create index tokens_imported on tokens (workspace_id, environment, id) where imported');
    await db.query('alter table workspaces add column has_imports boolean not null default false');
  }

  async down(db) {
    await db.query('alter table workspaces drop column has_imports');
    await db.query('drop index tokens_imported');
    // What was before finds none of their values. What they have issued goes with them: without its ancestor it would
    // be bound by less than it was.
    await db.query(`
      with gone as (
        delete from tokens t
         where t.imported
            or exists (select from tokens a
                        where a.workspace_id = t.workspace_id and a.id = any(t.lineage) and a.imported)
        returning t.id)
      delete from credential_secrets s using gone where s.owner_id = gone.id`);
    await db.query('alter table tokens drop column imported');
  }
}
