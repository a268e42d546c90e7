import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { StartFault } from '../../platform/database/embedded/start-fault.js';
import { inTransaction, Owner, type Run } from '../../platform/database/owner.js';
import { ownsLog } from '../../platform/database/partitions.js';
import { SEQUENCE_LOCK } from '../sequencing/sequence-lock.js';
import { recordBySystem, type SystemEvent } from './system-events.js';

/** Whose traces are erased: an address or a range in CIDR notation, or an actor by its handle. */
export type Selector = { by: 'ip'; range: string } | { by: 'actor'; id: string };

/** What was erased from one log, or would be. */
export interface ErasedFrom {
  /** A workspace, or `instance`. */
  workspace_id: string;
  /** Events that no longer tell what was personal. */
  events: number;
  /** Names by which they could be found. */
  names: number;
  /** Credentials whose last address was kept after its event was dropped. */
  last_uses: number;
}

/**
 * Erases what is personal from events. The events stay, and so does every proof: their bytes hold no more than a
 * salted commitment to it.
 */
@Injectable()
export class Erasure {
  constructor(
    private readonly owner: Owner,
    private readonly clock: Clock,
  ) {}

  /**
   * @param workspaceId whose log; null = every log, the instance's too.
   * @param dryRun only counts.
   */
  async erase(selector: Selector, workspaceId: string | null, dryRun: boolean): Promise<ErasedFrom[]> {
    return this.owner.connected((run) =>
      inTransaction(run, async () => {
        if (!(await ownsLog(run)))
          throw new StartFault(
            'Erasing needs the role that owns the tables; set DATABASE_MIGRATION_URL to it.',
          );
        const logs = workspaceId === null ? await allLogs(run) : [workspaceId];
        const found: ErasedFrom[] = [];
        for (const log of logs) found.push(await eraseFrom(run, selector, log, dryRun));
        // Last, since no event gets its place in any log meanwhile.
        if (selector.by === 'actor') await eraseNames(run, selector.id, found, dryRun);
        const erased = found.filter(({ events, names, last_uses }) => events + names + last_uses > 0);
        if (!dryRun) {
          const events = erased.map((each) => told(selector, each));
          await recordBySystem(run, this.clock.now(), events);
        }
        return erased;
      }),
    );
  }
}

/** Every log there is, also one that has begun just now. */
async function allLogs(run: Run): Promise<string[]> {
  const rows = await run<{ workspace_id: string }>(
    `select workspace_id from audit_trees
     union
     select event ->> 0 from audit_pending, json_array_elements(payload::json -> 'events') as event
     order by 1`,
  );
  return rows.map(({ workspace_id }) => workspace_id);
}

async function eraseFrom(run: Run, selector: Selector, log: string, dryRun: boolean): Promise<ErasedFrom> {
  await run(`select set_config('tooken.workspace', $1, true)`, [log]);
  const { events, lastUses } = CHOSEN[selector.by];
  const chosen = [log, selector.by === 'ip' ? selector.range : selector.id];
  return {
    workspace_id: log,
    events: await count(run, 'audit_personal', events, chosen, dryRun ? null : 'delete from audit_personal'),
    names: 0,
    last_uses: await count(
      run,
      'audit_last_uses',
      `ip is not null and ${lastUses}`,
      chosen,
      dryRun ? null : 'update audit_last_uses set ip = null',
    ),
  };
}

/** Conditions of a log ($1) and of what is looked for in it ($2). */
const CHOSEN = {
  // Canonical JSON escapes the quotes within a value, so this is the field and no text that looks like it.
  ip: {
    events: `(ip <<= $2::inet or substring(data from '"client_ip":"([0-9a-f:.]+)"')::inet <<= $2::inet)`,
    lastUses: 'ip <<= $2::inet',
  },
  actor: {
    events: `event_id in (select id from audit_events where workspace_id = $1 and actor_id = $2
                          union select id from audit_events where workspace_id = $1 and target_id = $2)`,
    lastUses: 'credential_id = $2',
  },
} as const;

/** How many rows of a log there are; without a deed they are only counted. */
async function count(
  run: Run,
  table: string,
  condition: string,
  parameters: readonly string[],
  deed: string | null,
): Promise<number> {
  const where = `where workspace_id = $1 and ${condition}`;
  const [row] = await run<{ count: number }>(
    deed === null
      ? `select count(*)::int as count from ${table} ${where}`
      : `with done as (${deed} ${where} returning 1) select count(*)::int as count from done`,
    parameters,
  );
  return row!.count;
}

/** Also the names that still wait to be written by the sequencer, which is held off for that long. */
async function eraseNames(run: Run, id: string, found: ErasedFrom[], dryRun: boolean): Promise<void> {
  const logs = found.map(({ workspace_id }) => workspace_id);
  if (!dryRun) {
    await run('select pg_advisory_xact_lock($1)', [SEQUENCE_LOCK]);
    await run(ERASE_PENDING_NAMES, [logs, id]);
  }
  for (const each of found) {
    each.names = await count(
      run,
      'audit_names',
      'id = $2',
      [each.workspace_id, id],
      dryRun ? null : 'delete from audit_names',
    );
  }
}

const ERASE_PENDING_NAMES = `
  update audit_pending set payload = jsonb_set(payload::jsonb, '{names}', (
           select coalesce(jsonb_agg(name), '[]') from jsonb_array_elements(payload::jsonb -> 'names') as name
            where not (name ->> 0 = any($1) and name ->> 1 = $2)))::text
   where strpos(payload, $2) > 0`;

/** Not the address: the log must not keep what was erased from it. */
function told(selector: Selector, { workspace_id, events, names, last_uses }: ErasedFrom): SystemEvent {
  return {
    action: 'audit.erase',
    workspaceId: workspace_id,
    details: {
      by: selector.by,
      ...(selector.by === 'actor' && { actor_id: selector.id }),
      events,
      names,
      last_uses,
    },
  };
}
