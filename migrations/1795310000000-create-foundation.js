/**
 * The tables of workspaces, credentials, scopes and the audit log.
 *
 * Handles are stored as they are shown: text that sorts by time under collation "C".
 */
export class CreateFoundation1795310000000 {
  async up(db) {
    await db.query(`
      create table workspaces (
        id text collate "C" not null constraint workspaces_pkey primary key,
        name text not null,
        slug text not null constraint workspaces_slug_key unique,
        operator boolean not null default false,
        strict_scopes boolean not null default false,
        created_at timestamptz(3) not null
      )`);
    // There is one operator workspace, also when five instances start together on an empty database.
    await db.query(`create unique index workspaces_one_operator on workspaces (operator) where operator`);

    await db.query(`
      create table api_keys (
        id text collate "C" not null constraint api_keys_pkey primary key,
        workspace_id text collate "C" not null constraint api_keys_workspace_fkey references workspaces (id),
        environment text not null,
        name text not null,
        hint text not null,
        created_at timestamptz(3) not null,
        created_by_type text not null,
        created_by_id text collate "C",
        created_by_name text,
        expires_at timestamptz(3),
        regenerated_at timestamptz(3),
        deleted_at timestamptz(3),
        constraint api_keys_environment_check check (environment in ('live', 'test'))
      )`);
    await db.query(`create index api_keys_of_workspace on api_keys (workspace_id, id)`);

    await db.query(`
      create table tokens (
        id text collate "C" not null constraint tokens_pkey primary key,
        workspace_id text collate "C" not null constraint tokens_workspace_fkey references workspaces (id),
        environment text not null,
        name text not null,
        description text,
        subject text,
        scopes text[] not null,
        enabled boolean not null default true,
        hint text not null,
        prefix text not null,
        expires_at timestamptz(3),
        not_before timestamptz(3),
        created_at timestamptz(3) not null,
        created_by_type text not null,
        created_by_id text collate "C",
        created_by_name text,
        parent_id text collate "C",
        lineage text[] collate "C" not null default '{}',
        allowed_ips text[],
        rate_limit integer,
        rate_limit_window_seconds integer,
        max_uses bigint,
        uses bigint not null default 0,
        metadata jsonb not null default '{}',
        revoked_at timestamptz(3),
        revoked_reason text,
        rotated_at timestamptz(3),
        previous_expires_at timestamptz(3),
        constraint tokens_environment_check check (environment in ('live', 'test')),
        constraint tokens_scopes_check check (cardinality(scopes) between 1 and 64),
        constraint tokens_validity_check check (not_before < expires_at)
      )`);
    await db.query(`create index tokens_of_workspace on tokens (workspace_id, environment, id)`);
    await db.query(
      `create index tokens_by_subject on tokens (workspace_id, subject, id) where subject is not null`,
    );
    await db.query(
      `create index tokens_by_expiry on tokens (workspace_id, expires_at, id) where expires_at is not null`,
    );
    await db.query(`create index tokens_by_scope on tokens using gin (scopes)`);
    await db.query(`create index tokens_by_lineage on tokens using gin (lineage)`);

    await db.query(`
      create table scopes (
        workspace_id text collate "C" not null constraint scopes_workspace_fkey references workspaces (id),
        environment text not null,
        name text collate "C" not null,
        description text,
        created_at timestamptz(3) not null,
        constraint scopes_pkey primary key (workspace_id, environment, name),
        constraint scopes_environment_check check (environment in ('live', 'test'))
      )`);

    // One row for every secret value that ever existed. Dead ones stay: they name the owner of a refused value.
    await db.query(`
      create table credential_secrets (
        hash bytea not null constraint credential_secrets_pkey primary key,
        workspace_id text collate "C" not null constraint credential_secrets_workspace_fkey references workspaces (id),
        environment text not null,
        kind text not null,
        owner_id text collate "C" not null,
        hint text not null,
        created_at timestamptz(3) not null,
        valid_until timestamptz(3),
        ended_at timestamptz(3),
        ended_reason text,
        constraint credential_secrets_kind_check check (kind in ('api_key', 'token')),
        constraint credential_secrets_reason_check
          check (ended_reason in ('regenerated', 'deleted', 'revoked', 'rotated')),
        constraint credential_secrets_ended_check check ((ended_at is null) = (ended_reason is null))
      )`);
    await db.query(`create index credential_secrets_of_owner on credential_secrets (owner_id)`);

    // No foreign keys: an event outlives what it names. workspace_id is 'instance' for the instance's own log.
    await db.query(`
      create table audit_events (
        workspace_id text collate "C" not null,
        id text collate "C" not null,
        environment text,
        occurred_at timestamptz(3) not null,
        action text not null,
        outcome text not null,
        reason text,
        count integer not null default 1,
        actor_type text not null,
        actor_id text collate "C",
        actor_name text,
        actor_hint text,
        target_type text,
        target_id text collate "C",
        target_name text,
        request_id text collate "C",
        method text,
        route text,
        status smallint,
        ip inet,
        user_agent text,
        changes jsonb,
        details jsonb,
        constraint audit_events_pkey primary key (workspace_id, id),
        constraint audit_events_outcome_check check (outcome in ('success', 'denied', 'failure')),
        constraint audit_events_reason_check check ((outcome = 'success') = (reason is null))
      )`);
    await db.query(`create index audit_events_by_action on audit_events (workspace_id, action, id)`);
    await db.query(
      `create index audit_events_by_actor on audit_events (workspace_id, actor_id, id) where actor_id is not null`,
    );
    await db.query(
      `create index audit_events_by_target on audit_events (workspace_id, target_id, id) where target_id is not null`,
    );
    await db.query(`create index audit_events_by_request on audit_events (workspace_id, request_id)`);
    await db.query(`create index audit_events_by_ip on audit_events (workspace_id, ip)`);
    // Success is most of the log and has no reason; only what was refused or failed is looked for by these.
    await db.query(
      `create index audit_events_by_reason on audit_events (workspace_id, reason, id) where reason is not null`,
    );
    await db.query(
      `create index audit_events_by_outcome on audit_events (workspace_id, outcome, id) where outcome <> 'success'`,
    );

    await db.query(`
      create function audit_events_are_append_only() returns trigger language plpgsql as $$
      begin
        raise exception 'audit events are append-only: % refused', lower(tg_op) using errcode = 'restrict_violation';
      end $$`);
    await db.query(`
      create trigger audit_events_append_only before update or delete or truncate on audit_events
        for each statement execute function audit_events_are_append_only()`);
  }

  async down(db) {
    await db.query('drop table audit_events');
    await db.query('drop function audit_events_are_append_only');
    await db.query('drop table credential_secrets, scopes, tokens, api_keys, workspaces');
  }
}
