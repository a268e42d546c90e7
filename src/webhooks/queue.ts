import { Injectable } from '@nestjs/common';
import type { AuditEventDto } from '../audit-log/audit-events.dto.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { newHandle } from '../platform/ids.js';
import type { Environment } from '../platform/secrets/secret.js';
import { NamedThings, type NamedThing } from './named-things.js';
import { noticeOf, type Notice } from './notice-of-event.js';
import type { NoticeType, SentType } from './notice-types.js';
import { payloadOf } from './payload.js';

/** A webhook that is enabled, as far as it matters to what it is told. */
export interface Listener {
  id: string;
  environment: Environment;
  /** Null = all. */
  events: readonly NoticeType[] | null;
  fromIndex: number;
}

/** A notice to be sent to one webhook. */
export interface Queued {
  webhookId: string;
  workspaceId: string;
  environment: string;
  type: SentType;
  eventId: string;
  occasion: string;
  payload: string;
  /** False: it waits until its webhook is enabled. */
  isDue: boolean;
}

interface Told {
  event: AuditEventDto;
  notice: Notice;
}

/** Puts notices on their way: a row for each webhook that is to be told. */
@Injectable()
export class Queue {
  constructor(
    private readonly database: Database,
    private readonly things: NamedThings,
    private readonly clock: Clock,
  ) {}

  async listeners(workspaceId: string): Promise<Listener[]> {
    const rows = await this.database.query<Omit<Listener, 'fromIndex'> & { from_index: string }>(
      'select id, environment, events, from_index from webhooks where workspace_id = $1 and enabled',
      [workspaceId],
    );
    return rows.map(({ from_index, ...row }) => ({ ...row, fromIndex: Number(from_index) }));
  }

  /** Queues what these events are to be told as, for those who want to know. */
  async add(
    workspaceId: string,
    events: readonly AuditEventDto[],
    listeners: readonly Listener[],
  ): Promise<void> {
    const told = events.flatMap((event): Told[] => {
      const notice = noticeOf(event);
      return notice === null ? [] : [{ event, notice }];
    });
    const ids = told.flatMap(({ notice: { about } }) => about ?? []);
    const things = await this.things.of(workspaceId, [...new Set(ids)]);
    await this.insert(told.flatMap((each) => addressed(workspaceId, each, things, listeners)));
  }

  /** @returns the handles of those that were not queued before. */
  async insert(queued: readonly Queued[]): Promise<string[]> {
    if (queued.length === 0) return [];
    const now = this.clock.now();
    const rows = queued.map((each) => ({ ...each, id: newHandle('whd', now) }));
    const inserted = await this.database.query<{ id: string }>(INSERT, [JSON.stringify(rows), new Date(now)]);
    return inserted.map(({ id }) => id);
  }
}

const INSERT = `
  insert into webhook_deliveries (id, webhook_id, workspace_id, environment, type, event_id, occasion, payload, status,
                                  created_at, next_attempt_at)
  select id, "webhookId", "workspaceId", environment, type, "eventId", occasion, payload, 'pending', $2,
         case when "isDue" then $2::timestamptz end
    from json_to_recordset($1::json) as queued (
      id text, "webhookId" text, "workspaceId" text, environment text, type text, "eventId" text, occasion text,
      payload text, "isDue" boolean)
      on conflict (webhook_id, occasion) do nothing
  returning id`;

/** A notice for each webhook of its environment that wants its type and was there when it happened. Pure. */
function addressed(
  workspaceId: string,
  { event, notice }: Told,
  things: ReadonlyMap<string, NamedThing>,
  listeners: readonly Listener[],
): Queued[] {
  const thing = notice.about === null ? undefined : things.get(notice.about);
  // What an anonymous caller has done has no environment of its own.
  const environment = event.environment ?? thing?.environment;
  if (environment === undefined) return [];
  const payload = payloadOf(workspaceId, environment, event, notice, thing);
  return listeners
    .filter((webhook) => webhook.environment === environment && webhook.fromIndex <= Number(event.index))
    .filter(({ events }) => events === null || events.includes(notice.type))
    .map(({ id }) => ({
      webhookId: id,
      workspaceId,
      environment,
      type: notice.type,
      eventId: event.id,
      occasion: notice.occasion,
      payload,
      isDue: true,
    }));
}
