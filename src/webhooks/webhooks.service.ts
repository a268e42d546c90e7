import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { changesBetween, type AuditDraft } from '../audit-log/audit-draft.js';
import { TreeStore } from '../audit-log/sequencing/tree-store.js';
import { createdBy, type Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { newHandle } from '../platform/ids.js';
import { destinationFault, hostOf, knownAddresses } from '../platform/outbound/destination.js';
import { Cursors } from '../platform/pagination/cursor.js';
import { page } from '../platform/pagination/page.js';
import type { PageQuery } from '../platform/pagination/page.dto.js';
import { findWebhook, own } from './find-webhook.js';
import { Webhook } from './webhook.entity.js';
import { newSigningSecret, signingSecretHint, WebhookSeal } from './webhook-seal.js';
import {
  renderWebhook,
  type CreateWebhookDto,
  type NewWebhookDto,
  type UpdateWebhookDto,
  type WebhookDto,
  type WebhookPage,
} from './webhooks.dto.js';

/** Each event makes a delivery for each of them. */
const MOST_WEBHOOKS = 100;
/** How long the secret before a rotation is signed with too. */
const BOTH_SECRETS_MS = 24 * 3_600_000;

/** Webhooks of one environment of a workspace: made, changed, deleted. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly database: Database,
    private readonly trees: TreeStore,
    private readonly seal: WebhookSeal,
    private readonly cursors: Cursors,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async create(caller: Principal, body: CreateWebhookDto, event: AuditDraft): Promise<NewWebhookDto> {
    this.refuseUnreachable(body.url);
    const now = this.clock.now();
    const id = newHandle('wh', now);
    const secret = newSigningSecret();
    await this.refuseTooMany(caller);
    const row = Object.assign(new Webhook(), {
      ...own(caller),
      id,
      url: body.url,
      events: body.events ?? null,
      description: body.description ?? null,
      enabled: body.enabled,
      secretSealed: this.seal.seal(secret, id),
      secretHint: signingSecretHint(secret),
      previousSecretSealed: null,
      previousSecretUntil: null,
      fromIndex: await this.endOfLog(caller),
      createdAt: new Date(now),
      ...createdBy(caller),
    });
    await this.database.rows(Webhook).insert(row);
    event.target = { type: 'webhook', id, name: originOf(row.url) };
    event.details = { events: row.events, enabled: row.enabled };
    return { ...renderWebhook(row, now), secret };
  }

  async list(caller: Principal, query: PageQuery): Promise<WebhookPage> {
    const filters = ['webhooks', caller.workspace.id, caller.environment];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    const rows = await this.database.rows(Webhook).find({
      where: { ...own(caller), ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    const now = this.clock.now();
    return { data: data.map((row) => renderWebhook(row, now)), next_cursor };
  }

  async read(caller: Principal, id: string, event: AuditDraft): Promise<WebhookDto> {
    return renderWebhook(await this.find(caller, id, event), this.clock.now());
  }

  async update(
    caller: Principal,
    id: string,
    body: UpdateWebhookDto,
    event: AuditDraft,
  ): Promise<WebhookDto> {
    if (body.url !== undefined) this.refuseUnreachable(body.url);
    const before = await this.find(caller, id, event, true);
    const { url, events, description, enabled } = body;
    const change: Partial<Webhook> = {
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && { enabled }),
    };
    if (enabled === true && !before.enabled) change.fromIndex = await this.endOfLog(caller);
    const after = Object.assign(new Webhook(), before, change);
    if (Object.keys(change).length > 0)
      await this.database.rows(Webhook).update({ id, ...own(caller) }, change);
    if (after.enabled !== before.enabled) await this.holdOrRelease(after);
    event.changes = changesOf(before, after);
    return renderWebhook(after, this.clock.now());
  }

  async remove(caller: Principal, id: string, event: AuditDraft): Promise<void> {
    await this.find(caller, id, event, true);
    await this.database.rows(Webhook).delete({ id, ...own(caller) });
  }

  /** The secret before the current one is over at once: notices are never signed with more than two. */
  async rotateSecret(caller: Principal, id: string, event: AuditDraft): Promise<NewWebhookDto> {
    const before = await this.find(caller, id, event, true);
    const now = this.clock.now();
    const secret = newSigningSecret();
    const change = {
      secretSealed: this.seal.seal(secret, id),
      secretHint: signingSecretHint(secret),
      previousSecretSealed: before.secretSealed,
      previousSecretUntil: new Date(now + BOTH_SECRETS_MS),
    };
    await this.database.rows(Webhook).update({ id, ...own(caller) }, change);
    event.changes = [{ field: 'secret_hint', from: before.secretHint, to: change.secretHint }];
    return { ...renderWebhook(Object.assign(before, change), now), secret };
  }

  private find(caller: Principal, id: string, event: AuditDraft, lock = false): Promise<Webhook> {
    return findWebhook(this.database, caller, id, event, lock ? 'to change' : null);
  }

  /** As far as it can be told without asking for a name; each attempt judges the addresses it leads to then. */
  private refuseUnreachable(text: string): void {
    const url = new URL(text);
    const { webhookAllowPrivate: listed } = this.config;
    const addresses = knownAddresses(hostOf(url));
    const mayBePlain = url.protocol === 'https:' || listed.length > 0;
    const fault =
      addresses !== null
        ? destinationFault(url, addresses, listed)
        : mayBePlain
          ? null
          : 'must have https: no address is listed that may have plain http';
    if (fault !== null) throw Problem.invalid([{ field: 'url', message: fault }]);
  }

  /** Exact, also when several are made at once: makers of one environment wait for each other. */
  private async refuseTooMany(caller: Principal): Promise<void> {
    await this.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `webhooks ${caller.workspace.id} ${caller.environment}`,
    ]);
    if ((await this.database.rows(Webhook).countBy(own(caller))) >= MOST_WEBHOOKS) {
      throw new Problem('conflict', `There are ${String(MOST_WEBHOOKS)} webhooks already; delete one first`);
    }
  }

  /** Where the log ends now, from which on it is followed. */
  private async endOfLog({ workspace }: Principal): Promise<number> {
    const size = await this.trees.size(workspace.id);
    await this.database.query(
      'insert into webhook_cursors (workspace_id, next_index) values ($1, $2) on conflict do nothing',
      [workspace.id, size],
    );
    return size;
  }

  private async holdOrRelease({ id, workspaceId, environment, enabled }: Webhook): Promise<void> {
    await this.database.query(
      `update webhook_deliveries set next_attempt_at = $4
        where workspace_id = $1 and environment = $2 and webhook_id = $3 and status = 'pending'`,
      [workspaceId, environment, id, enabled ? new Date(this.clock.now()) : null],
    );
  }
}

/** Many services put a secret into the path of the URL, so the log is told no more than where it leads. */
function originOf(url: string): string {
  return new URL(url).origin;
}

function changesOf(before: Webhook, after: Webhook): AuditDraft['changes'] {
  const changes = changesBetween(before, after, ['url', 'events', 'description', 'enabled']);
  return (
    changes?.map(({ field, from, to }) =>
      field === 'url'
        ? { field, from: originOf(String(from)), to: originOf(String(to)) }
        : { field, from, to },
    ) ?? null
  );
}
