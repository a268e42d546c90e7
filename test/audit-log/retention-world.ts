import { Housekeeping } from '../../src/audit-log/keeping/housekeeping.js';
import { monthAt, type Month } from '../../src/platform/database/months.js';
import { World } from '../support/world.js';

export const DAY = 86_400_000;
export const DAYS = 30;

/** The month that was so many months ago. */
export const ago = (months: number): Month => monthAt(Date.now(), -months);
export const keep = (world: World): Promise<void> => world.apps[0]!.get(Housekeeping).run();
export const startWorld = (log: string[] = []): Promise<World> =>
  World.start({ env: { TOOKEN_AUDIT_RETENTION_DAYS: String(DAYS) }, onLog: (line) => log.push(line) });

export async function workspaceOf(world: World): Promise<string> {
  const { body } = await world.root.get<{ workspace: { id: string } }>('/v1/me');
  return body.workspace.id;
}

export async function partsOf(world: World, month: Month): Promise<string[]> {
  const rows = await world.database.query<{ relname: string }>(
    `select relname from pg_class where relkind = 'r' and relname like $1 order by 1`,
    [`audit_%_${month.name}`],
  );
  return rows.map(({ relname }) => relname);
}

export const partsNamed = (month: Month): string[] =>
  ['audit_entries', 'audit_events', 'audit_personal'].map((table) => `${table}_${month.name}`);
