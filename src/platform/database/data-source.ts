import { DataSource, type EntityTarget, type MixedList } from 'typeorm';
import { LimitedClient } from './limited-client.js';
import { SnakeNaming } from './snake-naming.js';

/** How long any statement of a request may take before the caller is told 503 (contract §6: within 3 s). */
export const STATEMENT_LIMIT_MS = 2_500;
const CONNECT_LIMIT_MS = 2_000;
/** Shorter, since one request may wait for two locks: its row's and the log's. */
const LOCK_LIMIT_MS = 1_000;
/** Opening one takes longest when there is most to do, so the pool does not close after every lull. */
const IDLE_MS = 60_000;

/** Settings of every connection that serves requests; sent in the start-up packet, so they cost nothing later. */
export function connectionSettings(applicationName: string): Record<string, string | number> {
  return {
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: STATEMENT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    lock_timeout: LOCK_LIMIT_MS,
    idle_in_transaction_session_timeout: 10_000,
  };
}

/** TypeORM over a small pool, for everything but the decision lane (which holds its own connections). */
export function makeDataSource(url: string, entities: MixedList<EntityTarget<unknown>>): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: entities as never,
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    poolSize: 10,
    extra: { ...connectionSettings('tooken'), idleTimeoutMillis: IDLE_MS, Client: LimitedClient },
  });
}
