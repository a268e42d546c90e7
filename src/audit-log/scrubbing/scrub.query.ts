export const LOGS = 'select workspace_id from audit_trees order by workspace_id';

export const TREE = 'select size, frontier from audit_trees where workspace_id = $1';

/** Of no more leaves than the scrub looks at, or of more than there are at all. */
export const CHECKPOINTS = `
  select epoch, size, root, note from audit_checkpoints
   where workspace_id = $1 and (size <= $2 or size > (select size from audit_trees where workspace_id = $1))
   order by size, epoch`;

export const TILE =
  'select hashes, root from audit_tiles where workspace_id = $1 and level = 0 and number = $2';

/** Tiles above the leaves' whose entries are not the roots of the tiles below, or that lie beyond what is there. */
export const UNEVEN_TILES = `
  select t.level, t.number from audit_tiles t
   where t.workspace_id = $1 and t.level > 0
     and t.hashes is distinct from (
       select string_agg(below.root, ''::bytea order by below.number) from audit_tiles below
        where below.workspace_id = t.workspace_id and below.level = t.level - 1
          and below.number >= t.number * 256 and below.number < (t.number + 1) * 256)`;

/** Up to which place retention has dropped events, as the log itself tells. */
export const DROPPED = `
  select coalesce(max((body::json #>> '{details,last_index}')::bigint) + 1, 0) as places from audit_events
   where workspace_id = $1 and environment = 'none' and action = 'audit.retain'`;

export const PLACES = `
  select n.index, n.event_id, n.leaf_hash, e.body, e.environment, e.occurred_at, e.action, e.outcome, e.reason, e.count,
         e.actor_type, e.actor_id, e.target_type, e.target_id, e.request_id, e.status, p.data as personal,
         p.environment as personal_environment, host(p.ip) as ip
    from audit_entries n
    left join audit_events e on e.workspace_id = n.workspace_id and e.id = n.event_id
    left join audit_personal p on p.workspace_id = n.workspace_id and p.event_id = n.event_id
   where n.workspace_id = $1 and n.index >= $2 and n.index < $3
   order by n.index`;

export const EVENTS = `
  select e.id, n.index
    from (select id from audit_events where workspace_id = $1 and id > $2 order by id limit $3) as e
    left join audit_entries n on n.workspace_id = $1 and n.event_id = e.id
   order by e.id`;

export const PLACE_OF = 'select from audit_entries where workspace_id = $1 and event_id = $2';

export const PENDING = `
  select event ->> 1 as id from audit_pending, json_array_elements(payload::json -> 'events') as event`;
