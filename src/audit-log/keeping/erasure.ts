import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { StartFault } from '../../platform/database/embedded/start-fault.js';
import { inTransaction, Owner, type Run } from '../../platform/database/owner.js';
import { ownsLog } from '../../platform/database/partitions.js';
import { SEQUENCE_LOCK } from '../sequencing/sequence-lock.js';
import { recordBySystem, type SystemEvent } from './system-events.js';

/** Whose traces are erased: an address or a range in CIDR notation, or whatever acts or is acted on, by its handle. */
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
  /** Notices, sent or to be sent to webhooks, that no longer tell names. */
  notices: number;
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
        const ids = new Set<string>();
        for (const log of logs) {
          await run(`select set_config('tooken.workspace', $1, true)`, [log]);
          const named = selector.by === 'actor' ? await namedAfter(run, selector.id, log) : [];
          for (const id of named) ids.add(id);
          const chosen = selector.by === 'actor' ? named : selector.range;
          found.push(await eraseFrom(run, CHOSEN[selector.by], [log, chosen], dryRun));
        }
        // Last, since no event gets its place in any log meanwhile.
        if (selector.by === 'actor') await eraseNames(run, [...ids], found, dryRun);
        const erased = found.filter(
          ({ events, names, last_uses, notices }) => events + names + last_uses + notices > 0,
        );
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

/**
 * Whose names in a log ($1) are those of somebody ($2): their own, for a person also those of their passkeys and of the
 * invitations of their address. Who has no account any more had the address of the invitation they joined by.
 */
async function namedAfter(run: Run, id: string, log: string): Promise<string[]> {
  const rows = await run<{ id: string }>(NAMED_AFTER, [log, id]);
  return rows.map((row) => row.id);
}

const NAMED_AFTER = `
  select $2::text as id
   union
  select target_id from audit_events where workspace_id = $1 and actor_id = $2 and target_type = 'passkey'
   union
  select id from invitations where workspace_id = $1 and lower(email) in (
    select lower(email) from users where id = $2
     union
    select lower(email) from invitations where id in (
      select body::json #>> '{details,invitation}' from audit_events
       where workspace_id = $1 and target_id = $2 and action = 'member.join'))`;

interface Chosen {
  events: string;
  notices: string;
  lastUses: string;
}

/** @param chosen a log, and what is looked for in it: an address or a range, or handles. */
async function eraseFrom(
  run: Run,
  { events, notices, lastUses }: Chosen,
  chosen: [log: string, what: string | string[]],
  dryRun: boolean,
): Promise<ErasedFrom> {
  const erased = (table: string, condition: string, deed: string): Promise<number> =>
    count(run, table, condition, chosen, dryRun ? null : deed);
  // Whoever queues notices just now has finished then, and others wait.
  if (!dryRun) await run('select from webhook_cursors where workspace_id = $1 for update', [chosen[0]]);
  return {
    workspace_id: chosen[0],
    names: 0,
    // Before the events, which tell which ones they are.
    notices: await erased(
      'webhook_deliveries',
      `${NAMING} and ${notices}`,
      `update webhook_deliveries set payload = ${NAMELESS}`,
    ),
    events: await erased('audit_personal', events, 'delete from audit_personal'),
    last_uses: await erased(
      'audit_last_uses',
      `ip is not null and ${lastUses}`,
      'update audit_last_uses set ip = null',
    ),
  };
}

/** Where a notice tells names. */
const NAMES_IN_NOTICES = ['{data,actor,name}', '{data,token,name}', '{data,api_key,name}'];
const NAMING = `coalesce(${NAMES_IN_NOTICES.map((path) => `payload::json #>> '${path}'`).join(', ')}) is not null`;
const NAMELESS = `${NAMES_IN_NOTICES.reduce((json, path) => `jsonb_set(${json}, '${path}', 'null', false)`, 'payload::jsonb')}::text`;

// Canonical JSON escapes the quotes within a value, so this is the field and no text that looks like it.
const FROM_THERE = `(ip <<= $2::inet or substring(data from '"client_ip":"([0-9a-f:.]+)"')::inet <<= $2::inet)`;
const BY_OR_TO = `event_id in (select id from audit_events where workspace_id = $1 and actor_id = any($2::text[])
                               union select id from audit_events where workspace_id = $1 and target_id = any($2::text[]))`;

/** Conditions of a log ($1) and of what is looked for in it ($2). */
const CHOSEN: Record<Selector['by'], Chosen> = {
  ip: {
    events: FROM_THERE,
    notices: `event_id in (select event_id from audit_personal where workspace_id = $1 and ${FROM_THERE})`,
    lastUses: 'ip <<= $2::inet',
  },
  actor: {
    events: BY_OR_TO,
    notices: BY_OR_TO,
    lastUses: 'credential_id = any($2::text[])',
  },
};

/** How many rows of a log there are; without a deed they are only counted. */
async function count(
  run: Run,
  table: string,
  condition: string,
  parameters: readonly unknown[],
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
async function eraseNames(run: Run, ids: string[], found: ErasedFrom[], dryRun: boolean): Promise<void> {
  const logs = found.map(({ workspace_id }) => workspace_id);
  if (!dryRun) {
    await run('select pg_advisory_xact_lock($1)', [SEQUENCE_LOCK]);
    await run(ERASE_PENDING_NAMES, [logs, ids]);
  }
  for (const each of found) {
    each.names = await count(
      run,
      'audit_names',
      'id = any($2::text[])',
      [each.workspace_id, ids],
      dryRun ? null : 'delete from audit_names',
    );
  }
}

const ERASE_PENDING_NAMES = `
  update audit_pending set payload = jsonb_set(payload::jsonb, '{names}', (
           select coalesce(jsonb_agg(name), '[]') from jsonb_array_elements(payload::jsonb -> 'names') as name
            where not (name ->> 0 = any($1) and name ->> 1 = any($2))))::text
   where exists (select from unnest($2::text[]) as id where strpos(payload, id) > 0)`;

/** Not the address: the log must not keep what was erased from it. */
function told(selector: Selector, { workspace_id, ...counts }: ErasedFrom): SystemEvent {
  return {
    action: 'audit.erase',
    workspaceId: workspace_id,
    details: {
      by: selector.by,
      ...(selector.by === 'actor' && { actor_id: selector.id }),
      ...counts,
    },
  };
}
