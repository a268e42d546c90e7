/**
 * What short-lived JWTs need: the keys that sign them, and by which lists of bits it is known that they have ended early.
 */
export class CreateOauth1795500600000 {
  async up(db) {
    // Of the installation, not of a workspace. The private part is sealed under a key derived from the secret key.
    await db.query(`
      create table oauth_signing_keys (
        kid text collate "C" not null constraint oauth_signing_keys_pkey primary key,
        public_jwk jsonb not null,
        sealed_key bytea not null,
        created_at timestamptz(3) not null,
        activates_at timestamptz(3) not null
      )`);
    await db.query(`
      create table oauth_status_lists (
        id text collate "C" not null constraint oauth_status_lists_pkey primary key,
        workspace_id text collate "C" not null constraint oauth_status_lists_workspace_fkey references workspaces (id),
        environment text not null,
        created_at timestamptz(3) not null,
        constraint oauth_status_lists_environment_check check (environment in ('live', 'test'))
      )`);
    await db.query(
      `create index oauth_status_lists_of_workspace on oauth_status_lists (workspace_id, environment, created_at)`,
    );
    await db.query(`
      create table oauth_issued_jwts (
        jti uuid not null constraint oauth_issued_jwts_pkey primary key,
        workspace_id text collate "C" not null constraint oauth_issued_jwts_workspace_fkey references workspaces (id),
        environment text not null,
        token_id text collate "C" not null,
        secret_hash bytea not null,
        scopes text[] not null,
        list_id text collate "C" not null constraint oauth_issued_jwts_list_fkey references oauth_status_lists (id),
        idx integer not null,
        expires_at timestamptz(3) not null,
        revoked_at timestamptz(3),
        constraint oauth_issued_jwts_environment_check check (environment in ('live', 'test'))
      )`);
    await db.query(`create unique index oauth_issued_jwts_place on oauth_issued_jwts (list_id, idx)`);
    await db.query(`create index oauth_issued_jwts_by_end on oauth_issued_jwts (expires_at)`);
  }

  async down(db) {
    await db.query('drop table oauth_issued_jwts, oauth_status_lists, oauth_signing_keys');
  }
}
