import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setUpDashboard } from '../../src/app.dashboard.js';
import { createApp } from '../../src/app.js';
import { FoundingService } from '../../src/founding/founding.service.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeLogger } from '../../src/platform/logger.js';
import { parseSecret } from '../../src/platform/secrets/secret.js';
import { Caller, type Answer } from './caller.js';
import { TestClock } from './test-clock.js';
import { cloneDatabase, type TestDatabase } from './test-database.js';

export const SECRET_KEY = Buffer.alloc(32, 7);

interface WorldOptions {
  /** How many instances run against the one database. */
  instances?: number;
  /** Environment variables of every instance. */
  env?: Record<string, string>;
  /** Whether the dashboard is served too. */
  dashboard?: boolean;
  /** Gets every log line. */
  onLog?: (line: string) => void;
}

/** A token or key as an answer shows it; tests name the fields they look at. */
export type Json = Record<string, unknown> & { id: string };

export interface EventJson {
  id: string;
  index: number | null;
  occurred_at: string;
  environment: string | null;
  action: string;
  outcome: string;
  reason: string | null;
  count: number;
  actor: { type: string; id: string | null; name: string | null; hint: string | null };
  target: { type: string; id: string | null; name: string | null } | null;
  request: {
    id: string;
    method: string;
    route: string;
    status: number;
    ip: string;
    user_agent: string;
  } | null;
  changes: { field: string; from: unknown; to: unknown }[] | null;
  details: Record<string, unknown> | null;
}

/** The product, running on a real database of its own, as one or several instances. */
export class World {
  private constructor(
    readonly database: TestDatabase,
    readonly clock: TestClock,
    readonly apps: readonly NestFastifyApplication[],
    readonly urls: readonly string[],
    /** Value of the first API key, of the operator workspace `default`. */
    readonly rootKey: string,
    /** What each instance keeps outside the database, in a folder named by its number. */
    readonly dataDir: string,
  ) {}

  static async start({
    instances = 1,
    env = {},
    dashboard = false,
    onLog,
  }: WorldOptions = {}): Promise<World> {
    const database = await cloneDatabase();
    const clock = new TestClock();
    const dataDir = await mkdtemp(join(tmpdir(), 'tooken-world-'));
    const apps: NestFastifyApplication[] = [];
    const urls: string[] = [];
    for (let i = 0; i < instances; i++) {
      const config = readConfig(
        { LOG_LEVEL: 'warn', PORT: '0', TOOKEN_DATA_DIR: join(dataDir, String(i)), ...env },
        (text) => parseSecret(text)?.kind === 'api_key',
      );
      const logger = makeLogger(config.logLevel, { write: (line) => onLog?.(line) });
      const app = await createApp({
        config,
        databaseUrl: database.url,
        ownerUrl: database.adminUrl,
        secretKey: SECRET_KEY,
        clock,
        logger,
      });
      if (dashboard) setUpDashboard(app);
      await app.listen({ host: '127.0.0.1', port: 0 });
      apps.push(app);
      urls.push(await app.getUrl());
    }
    const first = await apps[0]!.get(FoundingService).foundInstance();
    return new World(database, clock, apps, urls, first!.key, dataDir);
  }

  async close(): Promise<void> {
    for (const app of this.apps) await app.close();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true });
  }

  /** Calls with this secret as bearer; on the first instance unless told. */
  as(secret: string, instance = 0): Caller {
    return this.anonymous(instance).with({ authorization: `Bearer ${secret}` });
  }

  anonymous(instance = 0): Caller {
    return new Caller(this.urls[instance]!);
  }

  /** The first API key. */
  get root(): Caller {
    return this.as(this.rootKey);
  }

  /** Another workspace with its first key, as the operator makes it. */
  async workspace(name: string): Promise<{ id: string; slug: string; key: string }> {
    const { body } = await this.root.post<{ id: string; slug: string; api_key: string }>('/v1/workspaces', {
      name,
    });
    return { id: body.id, slug: body.slug, key: body.api_key };
  }

  /** A new API key; `key` is its value. */
  async apiKey(body: object = {}, by: Caller = this.root): Promise<Json & { key: string }> {
    return created(await by.post<Json & { key: string }>('/v1/api-keys', { name: 'a key', ...body }));
  }

  /** A new token; `token` is its value. */
  async token(body: object = {}, by: Caller = this.root): Promise<Json & { token: string }> {
    return created(
      await by.post<Json & { token: string }>('/v1/tokens', {
        name: 'a token',
        scopes: ['things:read'],
        ...body,
      }),
    );
  }

  async verify(
    token: string,
    ask: object = {},
    by: Caller = this.root,
  ): Promise<Json & { valid: boolean; code: string }> {
    const { status, body } = await by.post<Json & { valid: boolean; code: string }>('/v1/tokens/verify', {
      token,
      ...ask,
    });
    if (status !== 200) throw new Error(`verify answered ${String(status)}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Every event of this request, of whichever log, as the database has them (oldest first). */
  async eventsOf(requestId: string): Promise<Record<string, unknown>[]> {
    return this.database.query(`${EVENTS} where e.request_id = $1 order by e.id`, [requestId]);
  }

  /** The newest events of the caller's log, as the API shows them. */
  async events(query = '', by: Caller = this.root): Promise<EventJson[]> {
    const { status, body } = await by.get<{ data: EventJson[] }>(`/v1/audit-events?${query}`);
    if (status !== 200) throw new Error(`the log answered ${String(status)}: ${JSON.stringify(body)}`);
    return body.data;
  }
}

/** Events as flat rows, put together from where the parts of each are kept. */
export const EVENTS = `
  select e.workspace_id, e.id, nullif(e.environment, 'none') as environment, e.occurred_at, e.action, e.outcome, e.reason,
         e.count, e.actor_type, e.actor_id, p.data::jsonb ->> 'actor_name' as actor_name,
         e.body::jsonb #>> '{actor,hint}' as actor_hint, e.target_type, e.target_id,
         p.data::jsonb ->> 'target_name' as target_name, e.request_id, e.body::jsonb #>> '{request,method}' as method,
         e.body::jsonb #>> '{request,route}' as route, e.status, host(p.ip) as ip,
         p.data::jsonb ->> 'user_agent' as user_agent, nullif(e.body::jsonb -> 'changes', 'null') as changes,
         nullif(e.body::jsonb -> 'details', 'null') || jsonb_strip_nulls(jsonb_build_object(
           'client_ip', p.data::jsonb -> 'client_ip', 'user_agent', p.data::jsonb -> 'client_user_agent')) as details
    from audit_events e left join audit_personal p on p.workspace_id = e.workspace_id and p.event_id = e.id`;

function created<Body>(answer: Answer<Body>): Body {
  if (answer.status !== 201) throw new Error(`expected 201, got ${String(answer.status)}: ${answer.text}`);
  return answer.body;
}
