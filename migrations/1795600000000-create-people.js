/**
 * People, what they belong to and how they sign in. What must stay secret (passwords apart, which have a hash of their
 * own kind) is there only as HMAC-SHA-256, like the secrets of keys and tokens.
 */
export class CreatePeople1795600000000 {
  async up(db) {
    await db.query(`
      create table users (
        id text collate "C" not null constraint users_pkey primary key,
        email text collate "C" not null constraint users_email_key unique,
        name text not null,
        password_hash text not null,
        last_workspace_id text collate "C" constraint users_last_workspace_fkey references workspaces (id),
        created_at timestamptz(3) not null,
        constraint users_email_check check (email = lower(email))
      )`);
    await db.query(`
      create table memberships (
        workspace_id text collate "C" not null constraint memberships_workspace_fkey references workspaces (id),
        user_id text collate "C" not null constraint memberships_user_fkey references users (id),
        role text not null,
        created_at timestamptz(3) not null,
        constraint memberships_pkey primary key (workspace_id, user_id),
        constraint memberships_role_check check (role in ('owner', 'admin', 'developer', 'auditor'))
      )`);
    await db.query(`create index memberships_of_user on memberships (user_id, workspace_id)`);

    // Ended ones stay for a while: they name the owner of a cookie that is refused.
    await db.query(`
      create table sessions (
        hash bytea not null constraint sessions_pkey primary key,
        id text collate "C" not null constraint sessions_id_key unique,
        user_id text collate "C" not null constraint sessions_user_fkey references users (id),
        signed_in_at timestamptz(3) not null,
        last_seen_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        sudo_until timestamptz(3),
        second_factor boolean not null default false,
        ip text not null,
        user_agent text,
        ended_at timestamptz(3),
        ended_reason text,
        constraint sessions_reason_check check (ended_reason in ('signed_out', 'revoked', 'renewed', 'account_changed')),
        constraint sessions_ended_check check ((ended_at is null) = (ended_reason is null))
      )`);
    await db.query(`create index sessions_of_user on sessions (user_id, id)`);
    await db.query(`create index sessions_by_expiry on sessions (expires_at)`);

    await db.query(`
      create table invitations (
        id text collate "C" not null constraint invitations_pkey primary key,
        hash bytea not null constraint invitations_hash_key unique,
        workspace_id text collate "C" not null constraint invitations_workspace_fkey references workspaces (id),
        email text collate "C" not null,
        role text not null,
        created_at timestamptz(3) not null,
        created_by_type text not null,
        created_by_id text collate "C",
        created_by_name text,
        expires_at timestamptz(3) not null,
        accepted_at timestamptz(3),
        revoked_at timestamptz(3),
        constraint invitations_role_check check (role in ('owner', 'admin', 'developer', 'auditor'))
      )`);
    await db.query(`create index invitations_of_workspace on invitations (workspace_id, id)`);

    // What is good for one use within minutes: the links of the command line, and the steps of signing in.
    await db.query(`
      create table one_time_secrets (
        hash bytea not null constraint one_time_secrets_pkey primary key,
        purpose text not null,
        user_id text collate "C" constraint one_time_secrets_user_fkey references users (id),
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3)
      )`);
    await db.query(`create index one_time_secrets_by_expiry on one_time_secrets (expires_at)`);
    await db.query(
      `create index one_time_secrets_of_user on one_time_secrets (user_id) where user_id is not null`,
    );

    await db.query(`
      create table sign_in_attempts (
        hash bytea not null constraint sign_in_attempts_pkey primary key,
        attempts integer not null,
        blocked_until timestamptz(3) not null,
        forgotten_at timestamptz(3) not null
      )`);
    await db.query(`create index sign_in_attempts_by_end on sign_in_attempts (forgotten_at)`);
  }

  async down(db) {
    for (const table of [
      'sign_in_attempts',
      'one_time_secrets',
      'invitations',
      'sessions',
      'memberships',
      'users',
    ]) {
      await db.query(`drop table ${table}`);
    }
  }
}
