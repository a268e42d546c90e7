import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AuditRecorder } from '../../audit-log/audit-recorder.js';
import { entryBySystem } from '../../audit-log/by-system.js';
import { LastUses, type LastUse } from '../../audit-log/last-use.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { firstHandleAt } from '../../platform/ids.js';
import type { Environment } from '../../platform/secrets/secret.js';
import { DESCENDANTS, DUE_WORKSPACES, STALE_TOKENS, SUSPEND } from './inactive-tokens.query.js';

const DAY_MS = 86_400_000;
/** How often a workspace is gone through, by whichever instance is first. */
const ROUND_MS = 3_600_000;
/** How often each instance looks whether one is due. */
const LOOK_EVERY_MS = 10 * 60_000;
/** So many tokens at a time: each portion is one transaction with its events. */
const PORTION = 200;

/** One workspace's round, of one environment. */
interface Round {
  workspaceId: string;
  environment: Environment;
  days: number;
  /** Unix milliseconds: who was used since is active. */
  since: number;
}

interface Stale {
  id: string;
  name: string;
}

/**
 * Suspends what nobody has used for as long as the workspace's `inactive_after_days` says: reversible, each with an
 * event by the system. A use of a token is one of its ancestors too, since suspending these would suspend it.
 */
@Injectable()
export class InactiveTokens implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(InactiveTokens.name);
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly lastUses: LastUses,
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.round ??= this.run()
        .catch((error: unknown) => {
          this.logger.error({ err: error as Error }, 'inactive tokens cannot be suspended; trying on');
        })
        .finally(() => {
          this.round = null;
        });
    }, LOOK_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  /** Goes through the workspaces that are due. Each is claimed first, so that of several instances one does it. */
  async run(): Promise<void> {
    const now = this.clock.now();
    const due = await this.database.query<{ id: string; days: number }>(DUE_WORKSPACES, [
      new Date(now),
      new Date(now - ROUND_MS),
    ]);
    for (const { id, days } of due) {
      for (const environment of ['live', 'test'] as const) {
        await this.goThrough({ workspaceId: id, environment, days, since: now - days * DAY_MS });
      }
    }
  }

  private async goThrough(round: Round): Promise<void> {
    const { workspaceId, environment, since } = round;
    // Handles sort by time: what was issued later need not be looked at.
    const end = firstHandleAt('token', since + 1);
    let after = '';
    while (!this.stopped) {
      const stale = await this.database.query<Stale>(STALE_TOKENS, [
        workspaceId,
        environment,
        after,
        end,
        new Date(since),
        new Date(this.clock.now()),
        PORTION,
      ]);
      const last = stale.at(-1);
      if (last === undefined) return;
      await this.suspendUnused(round, stale);
      after = last.id;
    }
  }

  private async suspendUnused(round: Round, stale: readonly Stale[]): Promise<void> {
    const ids = stale.map(({ id }) => id);
    const uses = await this.lastUses.of(round.workspaceId, ids);
    const unused = ids.filter((id) => !isRecent(uses.get(id), round.since));
    const needed = await this.neededByDescendants(round, unused);
    const idle = unused.filter((id) => !needed.has(id));
    if (idle.length > 0) await this.suspend(round, idle, uses);
  }

  /** Which of these have descendants that somebody uses. */
  private async neededByDescendants(
    { workspaceId, since }: Round,
    ids: readonly string[],
  ): Promise<Set<string>> {
    const needed = new Set<string>();
    let after = '';
    for (;;) {
      const rows = await this.database.query<{ id: string; lineage: string[] }>(DESCENDANTS, [
        workspaceId,
        ids,
        after,
        PORTION,
      ]);
      const uses = await this.lastUses.of(
        workspaceId,
        rows.map(({ id }) => id),
      );
      const used = rows.filter(({ id }) => isRecent(uses.get(id), since));
      for (const { lineage } of used) for (const id of lineage) needed.add(id);
      if (rows.length < PORTION) return needed;
      after = rows.at(-1)!.id;
    }
  }

  private async suspend(
    { workspaceId, environment, days, since }: Round,
    ids: readonly string[],
    uses: ReadonlyMap<string, LastUse>,
  ): Promise<void> {
    await this.database.transaction(async () => {
      const at = this.clock.now();
      const parameters = [workspaceId, environment, ids, new Date(since), new Date(at)];
      const suspended = await this.database.query<Stale>(SUSPEND, parameters);
      const entries = suspended.map(({ id, name }) =>
        entryBySystem(
          {
            action: 'token.suspend',
            workspaceId,
            environment,
            target: { type: 'token', id, name },
            changes: [{ field: 'enabled', from: true, to: false }],
            details: {
              reason: 'inactive',
              inactive_after_days: days,
              last_used_at: uses.get(id)?.at ?? null,
            },
          },
          at,
        ),
      );
      const [first] = entries;
      if (first === undefined) return;
      await this.recorder.recordWithChange({ ...first, rows: entries.flatMap(({ rows }) => rows) });
    });
  }
}

function isRecent(use: LastUse | undefined, since: number): boolean {
  return use !== undefined && Date.parse(use.at) > since;
}
