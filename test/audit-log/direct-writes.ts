import pg from 'pg';
import type { AuditRow } from '../../src/audit-log/audit-row.js';
import { asInserted, INSERT_EVENTS } from '../../src/audit-log/recording/insert-events.js';
import { seal } from '../../src/audit-log/recording/seal.js';
import { newHandle } from '../../src/platform/ids.js';
import type { World } from '../support/world.js';

/** An event as the recorder would be given it. */
export function eventOf(workspaceId: string, more: Partial<AuditRow> = {}, at = Date.now()): AuditRow {
  return {
    workspace_id: workspaceId,
    id: newHandle('evt', at),
    environment: 'live',
    occurred_at: new Date(at).toISOString(),
    action: 'token.verify',
    outcome: 'success',
    reason: null,
    count: 1,
    actor_type: 'api_key',
    actor_id: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya',
    actor_name: 'CI',
    actor_hint: 'tok_live_…a1B2',
    target_type: 'token',
    target_id: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya',
    target_name: 'Acme',
    request_id: newHandle('req', at),
    method: 'POST',
    route: '/v1/tokens/verify',
    status: 200,
    ip: '203.0.113.7',
    user_agent: 'curl/8.5',
    changes: null,
    details: { code: 'valid', scopes: ['invoices:read'] },
    ...more,
  };
}

/** A writer beside the product's own, with its role and its statement, and a connection of its own. */
export class Writer {
  private constructor(private readonly client: pg.Client) {}

  static async connect(world: World): Promise<Writer> {
    const client = new pg.Client({ connectionString: world.database.url });
    client.on('error', () => undefined);
    await client.connect();
    return new Writer(client);
  }

  /** @param delay in seconds, between writing and committing. */
  async write(rows: readonly AuditRow[], delay = 0): Promise<void> {
    const commit = await this.begin(rows);
    if (delay > 0) await this.client.query('select pg_sleep($1)', [delay]);
    await commit();
  }

  /** @returns what commits the rows, which are written by then. */
  async begin(rows: readonly AuditRow[]): Promise<() => Promise<void>> {
    await this.client.query('begin');
    await this.client.query(INSERT_EVENTS, asInserted(rows.map(seal)));
    return async () => {
      await this.client.query('commit');
    };
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** Writes so many events, and waits until all have their place in the log. */
export async function fill(
  world: World,
  workspaceId: string,
  count: number,
  make: (at: number) => AuditRow = () => eventOf(workspaceId),
): Promise<void> {
  const writer = await Writer.connect(world);
  for (let from = 0; from < count; from += 500) {
    await writer.write(Array.from({ length: Math.min(500, count - from) }, (_, at) => make(from + at)));
  }
  await writer.close();
  await sequenced(world);
}

/** Resolves once every event has its place in the log. */
export async function sequenced(world: World): Promise<void> {
  for (;;) {
    const [row] = await world.database.query<{ waits: boolean }>(
      'select exists (select from audit_pending) as waits',
    );
    if (row?.waits === false) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Whose log it is. */
export async function workspaceOf(world: World): Promise<string> {
  const { body } = await world.root.get<{ workspace: { id: string } }>('/v1/me');
  return body.workspace.id;
}
