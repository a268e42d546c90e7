import type { Month } from '../../platform/database/months.js';
import type { Run } from '../../platform/database/owner.js';
import { tablesOf } from './expired-months.js';

/**
 * Which places of a log are gone once this month is: those of the month, and all that went before, as the events tell
 * that are dropped one day themselves. Where a month ends its places and the next one's may alternate.
 *
 * @returns the first and the last of each run of them, in order.
 */
export async function droppedPlaces(
  run: Run,
  month: Month,
  workspaceId: string,
): Promise<[first: number, last: number][]> {
  await run(`select set_config('tooken.workspace', $1, true)`, [workspaceId]);
  const [row] = await run<{ places: [number, number][] }>(
    `with places as (
       select index, index - row_number() over (order by index) as run
         from ${tablesOf(month).audit_entries} where workspace_id = $1
     ), runs as (
       select int8range(min(index), max(index), '[]') as places from places group by run
       union all
       select int8range((told ->> 0)::bigint, (told ->> 1)::bigint, '[]')
         from audit_events e, json_array_elements(e.body::json #> '{details,dropped}') as told
        where e.workspace_id = $1 and e.environment = 'none' and e.action = 'audit.retain'
     )
     select json_agg(json_build_array(lower(each), upper(each) - 1) order by each) as places
       from (select unnest(range_agg(places)) as each from runs) as merged`,
    [workspaceId],
  );
  return row!.places;
}
