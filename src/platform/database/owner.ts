import type pg from 'pg';
import { LimitedClient } from './limited-client.js';

/** Runs one statement; without parameters also several, one after the other. */
export type Run = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** Set by hand, for the server may have other defaults: what is done here may take its time, but may not be in the way. */
const SETTINGS = '-c statement_timeout=0 -c lock_timeout=5s';
const CONNECT_LIMIT_MS = 5_000;

/**
 * The role that owns the tables, for the little that serving requests must not be able to do. There is a connection
 * only while something is done with it.
 */
export class Owner {
  private readonly connections = new Set<LimitedClient>();

  /** @param url null where the product was not told of such a role. */
  constructor(private readonly url: string | null) {}

  get isKnown(): boolean {
    return this.url !== null;
  }

  /** Runs the work on a connection of its own. */
  async connected<T>(work: (run: Run) => Promise<T>): Promise<T> {
    if (this.url === null) throw new Error('the product was not told of a role that owns the tables');
    const client = new LimitedClient({
      connectionString: this.url,
      application_name: 'tooken owner',
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      options: SETTINGS,
    });
    this.connections.add(client);
    try {
      await client.connect();
      return await work(runOn(client));
    } finally {
      this.connections.delete(client);
      await client.end().catch(() => undefined);
    }
  }

  /** Ends what is being done, which then fails and leaves nothing half done behind. */
  cut(): void {
    for (const client of this.connections) client.cut();
  }
}

/** Commits when the work resolves, rolls back when it throws. */
export async function inTransaction<T>(run: Run, work: () => Promise<T>): Promise<T> {
  await run('begin');
  try {
    const result = await work();
    await run('commit');
    return result;
  } catch (error) {
    await run('rollback').catch(() => undefined);
    throw error;
  }
}

function runOn(client: pg.Client): Run {
  return async <Row>(sql: string, parameters?: readonly unknown[]) => {
    const result = await client.query(sql, parameters === undefined ? undefined : [...parameters]);
    // Several statements have several results, which nobody asks for.
    return (Array.isArray(result) ? [] : result.rows) as Row[];
  };
}
