import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Tables whose rows are never changed once they are there. */
const APPEND_ONLY = [
  'audit_events',
  'audit_entries',
  'audit_tiles',
  'audit_kept_leaves',
  'audit_checkpoints',
  'audit_epochs',
];

/** Tables that grow without end: by month of the event's handle. */
const PARTITIONED = ['audit_events', 'audit_personal', 'audit_entries'];

/**
 * The audit log becomes provable: each event is kept as the bytes its proof is about (`body`), what is personal in
 * a side row that can be erased, its place in the order and its leaf in `audit_entries`, the Merkle tree in
 * `audit_tiles`. What grows without end is partitioned by month of the event's handle.
 */
export class MakeLogProvable1795400000000 {
  async up(db) {
    await db.query('drop trigger audit_events_append_only on audit_events');
    await db.query('alter table audit_events rename to audit_events_before');
    for (const name of OLD_NAMES) await db.query(`drop index if exists ${name}`);
    await db.query('alter table audit_events_before drop constraint audit_events_pkey');

    await makeEventTables(db);
    await makeTreeTables(db);
    await makeSummaryTables(db);
    await makePartitionFunctions(db);
    await isolateWorkspaces(db);
    // Also for what is there already: retention drops whole months, never what lies beside them.
    await db.query(`
      select audit_make_partitions(month at time zone 'utc', 0) from (
        select distinct date_trunc('month', occurred_at at time zone 'utc') as month from audit_events_before
      ) as months`);
    await db.query('select audit_make_partitions(now(), 3)');

    await moveEvents(db);
    await db.query('drop table audit_events_before');
  }

  async down(db) {
    await db.query(`create table audit_events_before (
      workspace_id text collate "C" not null, id text collate "C" not null, environment text,
      occurred_at timestamptz(3) not null, action text not null, outcome text not null, reason text,
      count integer not null default 1, actor_type text not null, actor_id text collate "C", actor_name text,
      actor_hint text, target_type text, target_id text collate "C", target_name text, request_id text collate "C",
      method text, route text, status smallint, ip inet, user_agent text, changes jsonb, details jsonb,
      constraint audit_events_outcome_check check (outcome in ('success', 'denied', 'failure')),
      constraint audit_events_reason_check check ((outcome = 'success') = (reason is null)))`);
    // The owner is no superuser everywhere, and must see everybody's rows.
    for (const table of PARTITIONED) await db.query(`alter table ${table} no force row level security`);
    await db.query(`
      insert into audit_events_before
      select e.workspace_id, e.id, nullif(e.environment, 'none'), e.occurred_at, e.action, e.outcome, e.reason, e.count,
             e.actor_type, e.actor_id, p.data::jsonb ->> 'actor_name', e.body::jsonb #>> '{actor,hint}',
             e.target_type, e.target_id, p.data::jsonb ->> 'target_name', e.request_id,
             e.body::jsonb #>> '{request,method}', e.body::jsonb #>> '{request,route}', e.status, p.ip,
             p.data::jsonb ->> 'user_agent', nullif(e.body::jsonb -> 'changes', 'null'),
             nullif(e.body::jsonb -> 'details', 'null') || jsonb_strip_nulls(jsonb_build_object(
               'client_ip', p.data::jsonb -> 'client_ip', 'user_agent', p.data::jsonb -> 'client_user_agent'))
        from audit_events e left join audit_personal p on p.workspace_id = e.workspace_id and p.event_id = e.id`);
    await db.query(`drop table audit_events, audit_personal, audit_entries, audit_pending, audit_tiles, audit_trees,
      audit_kept_leaves, audit_checkpoints, audit_epochs, audit_stats, audit_names, audit_last_uses`);
    await db.query(
      'drop function audit_make_partitions, audit_make_partition, audit_make_append_only, audit_first_id_at',
    );
    await db.query('alter table audit_events_before rename to audit_events');
    await db.query(
      'alter table audit_events add constraint audit_events_pkey primary key (workspace_id, id)',
    );
    for (const statement of OLD_INDEXES) await db.query(statement);
    await db.query(`
      create trigger audit_events_append_only before update or delete or truncate on audit_events
        for each statement execute function audit_events_are_append_only()`);
  }
}

const OLD_INDEXES = [
  'create index audit_events_by_action on audit_events (workspace_id, action, id)',
  'create index audit_events_by_actor on audit_events (workspace_id, actor_id, id) where actor_id is not null',
  'create index audit_events_by_target on audit_events (workspace_id, target_id, id) where target_id is not null',
  'create index audit_events_by_request on audit_events (workspace_id, request_id)',
  'create index audit_events_by_ip on audit_events (workspace_id, ip)',
  'create index audit_events_by_reason on audit_events (workspace_id, reason, id) where reason is not null',
  `create index audit_events_by_outcome on audit_events (workspace_id, outcome, id) where outcome <> 'success'`,
];
const OLD_NAMES = OLD_INDEXES.map((statement) => statement.split(' ')[2]);

async function makeEventTables(db) {
  // `body` is the event; the other columns repeat of it what is searched for, and a scrub compares them.
  // No foreign keys: an event outlives what it names. workspace_id is 'instance' for the instance's own log.
  await db.query(`
    create table audit_events (
      workspace_id text collate "C" not null,
      id text collate "C" not null,
      environment text not null,
      occurred_at timestamptz(3) not null,
      action text not null,
      outcome text not null,
      reason text,
      count integer not null,
      actor_type text not null,
      actor_id text collate "C",
      target_type text,
      target_id text collate "C",
      request_id text collate "C",
      status smallint,
      body text not null,
      constraint audit_events_pkey primary key (workspace_id, id),
      constraint audit_events_environment_check check (environment in ('live', 'test', 'none')),
      constraint audit_events_outcome_check check (outcome in ('success', 'denied', 'failure')),
      constraint audit_events_reason_check check ((outcome = 'success') = (reason is null))
    ) partition by range (id)`);
  // Every filter of the list has an index that ends in the order of the list: none falls back to a scan.
  const filters = {
    list: ['environment'],
    action: ['environment', 'action'],
    outcome: ['environment', 'outcome'],
    reason: ['environment', 'reason'],
    actor_type: ['environment', 'actor_type'],
    actor: ['actor_id'],
    target_type: ['environment', 'target_type'],
    target: ['target_id'],
    request: ['request_id'],
  };
  const optional = ['reason', 'actor_id', 'target_type', 'target_id', 'request_id'];
  for (const [name, columns] of Object.entries(filters)) {
    const last = columns.at(-1);
    const where = optional.includes(last) ? ` where ${last} is not null` : '';
    await db.query(
      `create index audit_events_by_${name} on audit_events (workspace_id, ${columns.join(', ')}, id)${where}`,
    );
  }

  await db.query(`
    create table audit_personal (
      workspace_id text collate "C" not null,
      event_id text collate "C" not null,
      environment text not null,
      ip inet,
      data text not null,
      constraint audit_personal_pkey primary key (workspace_id, event_id)
    ) partition by range (event_id)`);
  await db.query(`create index audit_personal_by_ip on audit_personal (workspace_id, environment, ip, event_id)
    where ip is not null`);

  await db.query(`
    create table audit_entries (
      workspace_id text collate "C" not null,
      index bigint not null,
      event_id text collate "C" not null,
      leaf_hash bytea not null,
      constraint audit_entries_pkey primary key (workspace_id, event_id)
    ) partition by range (event_id)`);
  await db.query('create index audit_entries_by_index on audit_entries (workspace_id, index)');
}

async function makeTreeTables(db) {
  // What was written and not sequenced yet: one row for each insert, however many events it had.
  await db.query(`
    create table audit_pending (
      id bigint generated always as identity constraint audit_pending_pkey primary key,
      payload text not null
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);
  await db.query(`
    create table audit_trees (
      workspace_id text collate "C" not null constraint audit_trees_pkey primary key,
      size bigint not null,
      frontier bytea not null
    ) with (fillfactor = 50)`);
  await db.query(`
    create table audit_tiles (
      workspace_id text collate "C" not null,
      level smallint not null,
      number bigint not null,
      hashes bytea not null,
      root bytea not null,
      constraint audit_tiles_pkey primary key (workspace_id, level, number)
    )`);
  // Leaves of dropped months that no full tile holds yet; the tile that is filled up later is made of them.
  await db.query(`
    create table audit_kept_leaves (
      workspace_id text collate "C" not null,
      index bigint not null,
      leaf_hash bytea not null,
      constraint audit_kept_leaves_pkey primary key (workspace_id, index)
    )`);
  await db.query(`
    create table audit_checkpoints (
      workspace_id text collate "C" not null,
      epoch integer not null,
      size bigint not null,
      root bytea not null,
      note text not null,
      created_at timestamptz(3) not null,
      constraint audit_checkpoints_pkey primary key (workspace_id, epoch, size)
    )`);
  await db.query(`
    create table audit_epochs (
      workspace_id text collate "C" not null,
      epoch integer not null,
      size bigint not null,
      reason text not null,
      created_at timestamptz(3) not null,
      constraint audit_epochs_pkey primary key (workspace_id, epoch)
    )`);
}

async function makeSummaryTables(db) {
  await db.query(`
    create table audit_stats (
      workspace_id text collate "C" not null,
      environment text not null,
      minute timestamptz(0) not null,
      action text not null,
      outcome text not null,
      reason text not null,
      count bigint not null,
      constraint audit_stats_pkey primary key (workspace_id, environment, minute, action, outcome, reason)
    ) with (fillfactor = 70)`);
  await db.query(`
    create table audit_names (
      workspace_id text collate "C" not null,
      id text collate "C" not null,
      name text not null,
      hint text not null,
      constraint audit_names_pkey primary key (workspace_id, id, name, hint)
    )`);
  await db.query(`
    create table audit_last_uses (
      workspace_id text collate "C" not null,
      credential_id text collate "C" not null,
      used_at timestamptz(3) not null,
      ip inet,
      constraint audit_last_uses_pkey primary key (workspace_id, credential_id)
    )`);
}

async function makePartitionFunctions(db) {
  // The first handle of a moment: 48 bits of milliseconds are ten characters of base32, and zeros follow.
  await db.query(`
    create function audit_first_id_at(moment timestamptz) returns text language sql immutable as $$
      select 'evt_' || string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', ((milliseconds >> (45 - 5 * place)) & 31)::int + 1, 1), '' order by place
      ) || '0000000000000000'
        from generate_series(0, 9) as place,
             cast(least(greatest(floor(extract(epoch from moment) * 1000), 0), 281474976710655) as bigint) as milliseconds
    $$`);
  await db.query(`
    create function audit_make_partition(parent text, suffix text, bounds text) returns void language plpgsql as $$
    declare child text := parent || '_' || suffix;
    begin
      if to_regclass(child) is not null then return; end if;
      execute format('create table %I (like %I including defaults including constraints including storage)', child, parent);
      perform audit_make_append_only(child, case parent when 'audit_personal' then 'update or truncate'
        else 'update or delete or truncate' end);
      -- Through the parent its policies decide; past it, nobody but the owner sees a row, who makes backups.
      execute format('alter table %I enable row level security', child);
      execute format('alter table %I attach partition %I %s', parent, child, bounds);
    end $$`);
  // Statement triggers are not inherited: each partition has its own, and keeps it when it is detached.
  // "Always": session_replication_role, which silences the others, does not silence these.
  await db.query(`
    create function audit_make_append_only(relation text, refused text) returns void language plpgsql as $$
    begin
      execute format('create trigger %I before %s on %I
        for each statement execute function audit_events_are_append_only()', relation || '_append_only', refused, relation);
      execute format('alter table %I enable always trigger %I', relation, relation || '_append_only');
    end $$`);
  // A partition for each month of the given moment and of as many months after it. One maker at a time.
  await db.query(`
    create function audit_make_partitions(moment timestamptz, ahead integer) returns void language plpgsql as $$
    declare parent text; month timestamp;
    begin
      perform pg_advisory_xact_lock(hashtext('audit_make_partitions'));
      foreach parent in array array[${PARTITIONED.map((table) => `'${table}'`).join(', ')}] loop
        perform audit_make_partition(parent, 'others', 'default');
        for month in select generate_series(date_trunc('month', moment at time zone 'utc'),
            date_trunc('month', moment at time zone 'utc') + make_interval(months => ahead), interval '1 month') loop
          perform audit_make_partition(parent, to_char(month, 'YYYY_MM'), format('for values from (%L) to (%L)',
            audit_first_id_at(month at time zone 'utc'),
            audit_first_id_at((month + interval '1 month') at time zone 'utc')));
        end loop;
      end loop;
    end $$`);
  for (const table of APPEND_ONLY) {
    await db.query(`select audit_make_append_only('${table}', 'update or delete or truncate')`);
  }
  // Rows may be erased from here, but never changed.
  await db.query(`select audit_make_append_only('audit_personal', 'update or truncate')`);
}

/** A query that forgot its workspace finds nothing. What writes may write for everybody: a batch serves many. */
async function isolateWorkspaces(db) {
  for (const table of PARTITIONED) {
    await db.query(`alter table ${table} enable row level security`);
    await db.query(`alter table ${table} force row level security`);
    await db.query(`create policy ${table}_of_one_workspace on ${table} for select
      using (workspace_id = current_setting('tooken.workspace', true))`);
    await db.query(`create policy ${table}_are_written on ${table} for insert with check (true)`);
  }
  await db.query(`create policy audit_personal_is_erased on audit_personal for delete
    using (workspace_id = current_setting('tooken.workspace', true))`);
}

/** Oldest first, a thousand at a time; they are sequenced like new ones. */
async function moveEvents(db) {
  for (let after = { workspace_id: '', id: '' }; ;) {
    const rows = await db.query(
      `select *, host(ip) as ip, to_jsonb(changes)::text as changes_json, to_jsonb(details)::text as details_json
         from audit_events_before where (id, workspace_id) > ($1, $2) order by id, workspace_id limit 1000`,
      [after.id, after.workspace_id],
    );
    if (rows.length === 0) return;
    after = rows.at(-1);
    const moved = rows.map(toProvable);
    await db.query(
      `insert into audit_events
         select * from json_populate_recordset(null::audit_events, $1::json)`,
      [JSON.stringify(moved.map(({ row }) => row))],
    );
    await db.query(
      `insert into audit_personal (workspace_id, event_id, environment, ip, data)
         select workspace_id, event_id, environment, ip, data from json_populate_recordset(null::audit_personal, $1::json)`,
      [JSON.stringify(moved.map(({ personal }) => personal))],
    );
    await db.query('insert into audit_pending (payload) values ($1)', [
      JSON.stringify({
        events: moved.map(({ row, leafHash }) => [row.workspace_id, row.id, leafHash]),
        stats: moved.map(({ row }) => ({
          workspaceId: row.workspace_id,
          environment: row.environment,
          minute: `${row.occurred_at.slice(0, 16)}:00Z`,
          action: row.action,
          outcome: row.outcome,
          reason: row.reason ?? '',
          count: row.count,
        })),
        names: moved.flatMap(({ names }) => names),
      }),
    ]);
  }
}

function toProvable(old) {
  const { client_ip, user_agent, ...details } = old.details ?? {};
  const data = withoutNull({
    actor_name: old.actor_name,
    client_ip,
    client_user_agent: user_agent,
    ip: old.ip,
    salt: randomBytes(16).toString('base64'),
    target_name: old.target_name,
    user_agent: old.user_agent,
  });
  const personal = canonicalize(data);
  const body = canonicalize({
    action: old.action,
    actor: { hint: old.actor_hint, id: old.actor_id, type: old.actor_type },
    changes: old.changes?.map(({ field, from, to }) => ({ field, from, to })) ?? null,
    count: old.count,
    details: old.details === null ? null : details,
    environment: old.environment,
    id: old.id,
    occurred_at: old.occurred_at.toISOString(),
    outcome: old.outcome,
    personal: createHash('sha256').update(personal).digest('base64'),
    reason: old.reason,
    request:
      old.request_id === null
        ? null
        : { id: old.request_id, method: old.method, route: old.route, status: old.status },
    target: old.target_type === null ? null : { id: old.target_id, type: old.target_type },
  });
  const key = { workspace_id: old.workspace_id, environment: old.environment ?? 'none' };
  return {
    row: {
      ...key, id: old.id, occurred_at: old.occurred_at.toISOString(), action: old.action, outcome: old.outcome,
      reason: old.reason, count: old.count, actor_type: old.actor_type, actor_id: old.actor_id,
      target_type: old.target_type, target_id: old.target_id, request_id: old.request_id, status: old.status, body,
    }, // prettier-ignore
    personal: { ...key, event_id: old.id, ip: old.ip, data: personal },
    leafHash: createHash('sha256').update(Buffer.of(0)).update(body).digest('base64'),
    names: [
      [old.workspace_id, old.actor_id, old.actor_name ?? '', old.actor_hint ?? ''],
      [old.workspace_id, old.target_id, old.target_name ?? '', ''],
    ].filter(([, id]) => id !== null),
  };
}

function withoutNull(object) {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}
