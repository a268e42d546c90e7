import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { AuditDraft } from '../../audit-log/audit-draft.js';
import { AuditRecorder } from '../../audit-log/audit-recorder.js';
import { auditRows, RECORD_WITHIN_MS } from '../../audit-log/audit-row.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Environment } from '../../platform/secrets/secret.js';
import { FARTHEST_MS, thresholdOf } from './expiry-threshold.js';

const INTERVAL_MS = 600_000;
/** Tokens that are looked at in one transaction. */
const PAGE = 500;
/** Any constant would do; it only has to be the same in every instance ("expire" in hex). */
const EXPIRY_LOCK = 0x657870697265;

interface ExpiringRow {
  id: string;
  workspace_id: string;
  environment: Environment;
  name: string;
  subject: string | null;
  expires_at: Date;
  since: Date;
  told_expires_at: Date | null;
  told_days: number | null;
}

/** A token to be told of. */
interface Telling {
  row: ExpiringRow;
  days: number;
}

/**
 * Writes an event `token.expiring` once for each token 30, 7 and 1 days before its expiry, so that log, dashboard and
 * webhooks know. Which was told last is kept beside the token, in one transaction with the event: any instance may do
 * it, at any time, and each is told once.
 */
@Injectable()
export class ExpiringTokens implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ExpiringTokens.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** Looks now and every ten minutes, and does not wait for it. */
  start(): void {
    this.begin();
    this.timer = setInterval(() => this.begin(), INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Looks through all that expire soon; stops where another instance is at it. */
  async run(): Promise<void> {
    const now = this.clock.now();
    for (let after: ExpiringRow | null | undefined = null; after !== undefined && !this.stopped;) {
      after = await this.page(now, after);
    }
  }

  private begin(): void {
    this.running = this.running
      .then(() => this.run())
      .catch((error: unknown) => {
        this.logger.error({ err: error as Error }, 'tokens that expire soon were not told of; trying again');
      });
  }

  /** @returns the last token of the page; undefined when there is no more. */
  private page(now: number, after: ExpiringRow | null): Promise<ExpiringRow | undefined> {
    return this.database.transaction(async () => {
      const [lock] = await this.database.query<{ held: boolean }>(
        'select pg_try_advisory_xact_lock($1) as held',
        [EXPIRY_LOCK],
      );
      if (lock?.held !== true) return undefined;
      const rows = await this.database.query<ExpiringRow>(EXPIRING, [
        after?.expires_at ?? new Date(now),
        after?.id ?? '',
        new Date(now + FARTHEST_MS),
        PAGE,
      ]);
      const telling = rows.flatMap((row): Telling[] => {
        const days = thresholdOf(lifeOf(row), now);
        return days === null ? [] : [{ row, days }];
      });
      if (telling.length > 0) await this.tell(now, telling);
      return rows.length < PAGE ? undefined : rows.at(-1);
    });
  }

  private async tell(now: number, telling: readonly Telling[]): Promise<void> {
    await this.database.query(MARK, [
      telling.map(({ row }) => row.id),
      telling.map(({ row }) => row.expires_at),
      telling.map(({ days }) => days),
    ]);
    const rows = telling.flatMap((each) => eventOf(now, each));
    await this.recorder.recordWithChange({ rows, deadline: performance.now() + RECORD_WITHIN_MS });
  }
}

/** Along the index of those that live; an expiry is a moment, so the next page begins behind the last token of it. */
const EXPIRING = `
  select t.id, t.workspace_id, t.environment, t.name, t.subject, t.expires_at,
         coalesce(t.rotated_at, t.created_at) as since, n.expires_at as told_expires_at, n.days as told_days
    from tokens t left join token_expiry_notices n on n.token_id = t.id
   where t.expires_at is not null and t.revoked_at is null
     and (t.expires_at, t.id) > ($1, $2) and t.expires_at <= $3
   order by t.expires_at, t.id limit $4`;

const MARK = `
  insert into token_expiry_notices (token_id, expires_at, days)
  select * from unnest($1::text[], $2::timestamptz[], $3::smallint[])
      on conflict (token_id) do update set expires_at = excluded.expires_at, days = excluded.days`;

function lifeOf({
  since,
  expires_at,
  told_expires_at,
  told_days,
}: ExpiringRow): Parameters<typeof thresholdOf>[0] {
  return {
    since: since.getTime(),
    expiresAt: expires_at.getTime(),
    told:
      told_expires_at === null || told_days === null
        ? null
        : { expiresAt: told_expires_at.getTime(), days: told_days },
  };
}

function eventOf(now: number, { row, days }: Telling): ReturnType<typeof auditRows>['rows'] {
  const draft = new AuditDraft(now);
  draft.workspaceId = row.workspace_id;
  draft.environment = row.environment;
  draft.actor = { type: 'system', id: null, name: 'Tooken', hint: null };
  draft.target = { type: 'token', id: row.id, name: row.name };
  draft.details = { days, expires_at: row.expires_at.toISOString(), subject: row.subject };
  return auditRows('token.expiring', null, draft, { status: 0, outcome: 'success', reason: null }).rows;
}
