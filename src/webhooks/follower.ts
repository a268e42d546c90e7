import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Condition } from '../audit-log/reading/condition.js';
import { EVER } from '../audit-log/reading/span.js';
import { LogPages, shownIn } from '../audit-log/streams/log-pages.js';
import { TreeStore } from '../audit-log/sequencing/tree-store.js';
import { Database } from '../platform/database/database.js';
import { Queue, type Listener } from './queue.js';
import { REUSE, TOLD_ACTIONS } from './notice-of-event.js';
import { Rounds } from './rounds.js';

const LOOK_EVERY_MS = 400;
/** Places of a log that are looked at in one transaction. */
const PAGE = 1_000;

const ENVIRONMENTS = ['live', 'test', 'none'];

/** Reads no more of a log than may be worth a notice. */
const WORTH_TELLING: Condition = {
  test: (sql) => `(e.action = any(${sql.add(TOLD_ACTIONS)}::text[]) or e.reason = ${sql.add(REUSE)})`,
  access: () => null,
};

/**
 * Follows the log of every workspace with webhooks, by index, and queues what is to be told: the deliveries of a page and
 * the place behind it are one transaction, so that each event is told once whatever happens in between.
 *
 * Notices come from the log and from nowhere else: what tells of a change need not know that anybody listens, and no
 * request waits for them.
 */
@Injectable()
export class Follower implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Follower.name);
  private readonly rounds = new Rounds(
    () => this.pass(),
    LOOK_EVERY_MS,
    this.logger,
    'notices cannot be queued; trying on',
  );

  constructor(
    private readonly database: Database,
    private readonly pages: LogPages,
    private readonly trees: TreeStore,
    private readonly queue: Queue,
  ) {}

  onModuleInit(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** A page of every log that has grown; says whether there is more. What fails in one log holds up no other. */
  async pass(): Promise<boolean> {
    let hasMore = false;
    let trouble: unknown = null;
    for (const workspaceId of await this.grown()) {
      try {
        if (await this.follow(workspaceId)) hasMore = true;
      } catch (error) {
        trouble = error;
      }
    }
    if (trouble !== null) throw trouble as Error;
    return hasMore;
  }

  private async grown(): Promise<string[]> {
    const rows = await this.database.query<{ workspace_id: string }>(`
      select c.workspace_id from webhook_cursors c join audit_trees t on t.workspace_id = c.workspace_id
       where t.size > c.next_index
         and exists (select from webhooks w where w.workspace_id = c.workspace_id and w.enabled)
       order by 1`);
    return rows.map(({ workspace_id }) => workspace_id);
  }

  /** One page, unless another instance is at it; says whether there is more. */
  private follow(workspaceId: string): Promise<boolean> {
    return this.database.transaction(async () => {
      const [cursor] = await this.database.query<{ next_index: string }>(
        'select next_index from webhook_cursors where workspace_id = $1 for update skip locked',
        [workspaceId],
      );
      if (cursor === undefined) return false;
      const size = await this.trees.size(workspaceId);
      const next = await this.page(workspaceId, Number(cursor.next_index), size);
      await this.database.query(
        'update webhook_cursors set next_index = $2 where workspace_id = $1 and next_index < $2',
        [workspaceId, next],
      );
      return next < size;
    });
  }

  /** Queues what is to be told of the next places, and returns the one behind them. */
  private async page(workspaceId: string, after: number, size: number): Promise<number> {
    const from = Math.max(after, firstOf(await this.queue.listeners(workspaceId)));
    if (from >= size) return size;
    const question = {
      view: { workspaceId, environments: ENVIRONMENTS },
      span: EVER,
      conditions: [WORTH_TELLING],
    };
    const entries = await this.pages.read(question, { from, to: size }, PAGE);
    const events = shownIn(entries);
    // Asked again only now: a webhook that was made before one of these events is there by now.
    if (events.length > 0) await this.queue.add(workspaceId, events, await this.queue.listeners(workspaceId));
    return entries.length < PAGE ? size : entries.at(-1)!.index + 1;
  }
}

/** The first place of which anybody wants to be told. */
function firstOf(listeners: readonly Listener[]): number {
  return listeners.length === 0 ? 0 : Math.min(...listeners.map(({ fromIndex }) => fromIndex));
}
