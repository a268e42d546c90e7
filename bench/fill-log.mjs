import { statfs } from 'node:fs/promises';
import { timeOf, withoutIndexes } from './bulk.mjs';

/** Of an event with all its indexes, and room for making them. */
const BYTES_AN_EVENT = 2_900;
const TABLES = ['audit_events', 'audit_personal', 'audit_entries'];

/** Fails early rather than half-way. */
export async function requireRoom(folder, events) {
  const { bavail, bsize } = await statfs(folder);
  const [need, have] = [events * BYTES_AN_EVENT, bavail * bsize].map((bytes) => Math.ceil(bytes / 1e9));
  if (need > have)
    throw new Error(`${events} events need about ${need} GB in ${folder}, which has ${have} GB`);
}

/**
 * Writes events into one workspace's log past the product, evenly over so many months up to now: what millions of
 * verifications leave behind, without waiting for them. Indexes are made afterwards, as nobody reads meanwhile. The
 * events have places far behind the log's own, so that its tree is left alone.
 */
export async function fillLog(client, { workspaceId, events, months, say }) {
  await client.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'`);
  await client.query('select audit_make_partitions(now() - make_interval(months => $1), $1)', [months]);
  await withoutIndexes(client, TABLES, say, async () => {
    say('facts of the events');
    await client.query(FACTS, [events, months]);
    for (const [what, statement] of Object.entries(ROWS)) {
      say(what);
      await client.query(statement, [workspaceId]);
    }
    await client.query('drop table facts');
  });
  say('vacuum, which a log that grows slowly has had all along');
  await client.query('vacuum (analyze, index_cleanup off)');
  const { rows } = await client.query('select pg_database_size(current_database())::float8 as bytes');
  return rows[0].bytes;
}

const DAY_MS = 86_400_000;

/**
 * 85 of 100 are verifications, of which 8 of 100 are denied; 10 of 100 are of the other environment; 20 keys, 300
 * calling tokens, 10,000 presented ones of which some are presented far more often; 190,000 addresses.
 */
const FACTS = `
  create unlogged table facts as
  select *, 'evt_' || ${timeOf('ms')} || left(md5, 16) as id,
         case when action = 'token.verify' and dice % 100 < 8 then 'denied'
              when action <> 'token.verify' and dice % 100 < 1 then 'failure' else 'success' end as outcome,
         case when action = 'token.verify' and dice % 100 < 8
              then (array['expired', 'revoked', 'insufficient_scope', 'ip_not_allowed'])[1 + dice % 4]
              when action <> 'token.verify' and dice % 100 < 1
              then (array['invalid_request', 'not_found'])[1 + dice % 2] end as reason,
         case when dice % 50 = 7 then 'token' else 'api_key' end as actor_type,
         case when dice % 50 = 7 then 'token_01k2qj6m4xf3v9n0e7w8r' || lpad((dice % 300)::text, 5, '0')
              else 'key_01k2qj6m4xf3v9n0e7w8r5t' || lpad(floor(sqrt(dice % 400))::text, 3, '0') end as actor_id,
         case when action like 'token.%' and action <> 'token.list' then 'token'
              when action = 'api_key.read' then 'api_key' end as target_type,
         case when action like 'token.%' and action <> 'token.list'
              then 'token_01k2qj6m4xf3v9n0e7w8r' || lpad(floor(power(dice / 100000.0, 3) * 10000)::text, 5, '0')
              when action = 'api_key.read' then 'key_01k2qj6m4xf3v9n0e7w8r5t000' end as target_id,
         ('10.' || dice % 3 || '.' || (dice / 7) % 256 || '.' || (dice / 256) % 250)::inet as ip
    from (
      select n, ms, md5, dice,
             case when n % 10 = 0 then 'test' when n % 997 = 0 then 'none' else 'live' end as environment,
             case when die < 850 then 'token.verify' when die < 880 then 'token.read' when die < 910 then 'me.read'
                  when die < 940 then 'token.list' when die < 960 then 'audit.list' when die < 980 then 'token.issue'
                  when die < 999 then 'token.update' else 'api_key.read' end as action
        from (
          select n, md5(n::text) as md5,
                 (extract(epoch from now()) * 1000)::bigint
                   - (($1::bigint - n) * ($2::float8 * 30 * ${DAY_MS} / $1::bigint))::bigint as ms,
                 ('x' || left(md5(n::text), 7))::bit(28)::int % 1000 as die,
                 ('x' || right(md5(n::text), 7))::bit(28)::int % 100000 as dice
            from generate_series(1, $1::bigint) as n) as thrown) as events`;

const MOMENT = `to_char(to_timestamp(ms / 1000.0) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const ROWS = {
  events: `
    insert into audit_events (workspace_id, id, environment, occurred_at, action, outcome, reason, count, actor_type,
                              actor_id, target_type, target_id, request_id, status, body)
    select $1, id, environment, to_timestamp(ms / 1000.0), action, outcome, reason, 1, actor_type, actor_id, target_type,
           target_id, 'req_' || substr(id, 5), 200,
           '{"action":"' || action || '","actor":{"hint":"tok_live_…a1B2","id":"' || actor_id || '","type":"' || actor_type
           || '"},"changes":null,"count":1,"details":{"operation":"GET /invoices","required_scopes":["invoices:read"]},'
           || '"environment":"' || environment || '","id":"' || id || '","occurred_at":"' || ${MOMENT} || '","outcome":"'
           || outcome || '","personal":"' || left(md5 || md5, 43) || '=","reason":' || coalesce('"' || reason || '"', 'null')
           || ',"request":{"id":"req_' || substr(id, 5) || '","method":"POST","route":"/v1/tokens/verify","status":200},'
           || '"target":' || coalesce('{"id":"' || target_id || '","type":"' || target_type || '"}', 'null') || '}'
      from facts`,
  'what is personal of them': `
    insert into audit_personal (workspace_id, event_id, environment, ip, data)
    select $1, id, environment, ip,
           '{"actor_name":"CI","client_ip":"203.0.113.7","ip":"' || host(ip) || '","salt":"' || left(md5, 22)
           || '==","target_name":"Partner ' || dice % 10000 || '","user_agent":"curl/8.5"}'
      from facts`,
  places: `
    insert into audit_entries (workspace_id, index, event_id, leaf_hash)
    select $1, 1000000000 + n, id, sha256(id::bytea) from facts`,
  tallies: `
    insert into audit_stats (workspace_id, environment, minute, action, outcome, reason, count)
    select $1, environment, date_trunc('minute', to_timestamp(ms / 1000.0)), action, outcome, coalesce(reason, ''), count(*)
      from facts group by 2, 3, 4, 5, 6 on conflict do nothing`,
  // What a trigger would have done of each tally.
  'tallies of hours': `
    insert into audit_stats_by_hour (workspace_id, environment, hour, action, outcome, reason, count)
    select workspace_id, environment, date_trunc('hour', minute, 'UTC'), action, outcome, reason, sum(count)
      from audit_stats where workspace_id = $1 group by 1, 2, 3, 4, 5, 6 on conflict do nothing`,
  names: `
    insert into audit_names (workspace_id, id, name, hint)
    select distinct $1, target_id, 'Partner ' || right(target_id, 5), '' from facts where target_id is not null
    union
    select distinct $1, actor_id, 'Caller ' || right(actor_id, 5), 'tok_live_…a1B2' from facts
    on conflict do nothing`,
};
