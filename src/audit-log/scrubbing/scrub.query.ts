export const LOGS = 'select workspace_id from audit_trees order by workspace_id';

export const TREE = 'select size, frontier from audit_trees where workspace_id = $1';

/** The epochs something was signed in, each by one step along the index. */
export const EPOCHS = `
  with recursive epochs as (
    (select epoch from audit_checkpoints where workspace_id = $1 order by epoch limit 1)
    union all
    select (select c.epoch from audit_checkpoints c
             where c.workspace_id = $1 and c.epoch > epochs.epoch order by c.epoch limit 1)
      from epochs where epochs.epoch is not null)
  select epoch from epochs where epoch is not null`;

export const CHECKPOINTS = `
  select epoch, size, root, note from audit_checkpoints
   where workspace_id = $1 and epoch = any($2) and size > $3 and size <= $4
   order by size, epoch`;

/** Of more leaves than there are at all. */
export const CHECKPOINTS_BEYOND = `
  select c.size as signed, t.size as there
    from audit_trees t join audit_checkpoints c on c.workspace_id = t.workspace_id and c.size > t.size
   where t.workspace_id = $1 and c.epoch = any($2)
   order by c.size limit $3`;

export const TILE =
  'select hashes, root from audit_tiles where workspace_id = $1 and level = 0 and number = $2';

/** Tiles above the leaves'; uneven are those whose entries are not the roots of the tiles below, or that lie beyond what is there. */
export const UPPER_TILES = `
  select t.level, t.number, t.hashes is distinct from (
           select string_agg(below.root, ''::bytea order by below.number) from audit_tiles below
            where below.workspace_id = t.workspace_id and below.level = t.level - 1
              and below.number >= t.number * 256 and below.number < (t.number + 1) * 256) as uneven
    from audit_tiles t
   where t.workspace_id = $1 and t.level > 0 and (t.level, t.number) > ($2, $3)
   order by t.level, t.number limit $4`;

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

/** Which of these events wait for their place. */
export const PENDING = `
  select p.id, array(select event ->> 1 from json_array_elements(p.payload::json -> 'events') as event
                      where event ->> 1 = any($1)) as waiting
    from (select id, payload from audit_pending where id > $2 order by id limit $3) as p
   order by p.id`;

export const UNPLACED = `
  select e.id from audit_events e
   where e.workspace_id = $1 and e.id = any($2)
     and not exists (select from audit_entries n where n.workspace_id = $1 and n.event_id = e.id)
   order by e.id`;
