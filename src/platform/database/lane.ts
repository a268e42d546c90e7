import pg from 'pg';
import { connectionSettings, STATEMENT_LIMIT_MS } from './data-source.js';

/**
 * One connection of the decision lane, kept open, with prepared statements. Opened on first use and again
 * after a failure, so that it heals by itself once the database is back.
 */
export class Lane {
  private connection: Promise<pg.Client> | null = null;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly name: string,
  ) {}

  /** Runs a prepared statement. Calls must not overlap: the lane is one connection. */
  async run<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    const connection = (this.connection ??= this.connect());
    let client: pg.Client | null = null;
    try {
      client = await connection;
      return (await client.query<Row>({ name, text, values })).rows;
    } catch (error) {
      // An error without a severity came from the driver or the socket: the connection's state is unknown.
      if (client === null || (error as { severity?: unknown }).severity !== 'ERROR')
        this.drop(connection, client);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = await this.connection?.catch(() => null);
    this.connection = null;
    await client?.end();
  }

  private async connect(): Promise<pg.Client> {
    if (this.closed) throw new Error('Client was closed');
    const client = new pg.Client({
      connectionString: this.url,
      ...connectionSettings(`tooken ${this.name}`),
      query_timeout: STATEMENT_LIMIT_MS,
      // The statements are few and their plans never change with the values: planning each batch costs as much
      // as the look-up itself.
      options: '-c plan_cache_mode=force_generic_plan',
    });
    client.on('error', () => {
      this.drop(null, client);
    });
    await client.connect();
    return client;
  }

  private drop(connection: Promise<pg.Client> | null, client: pg.Client | null): void {
    if (connection === null || this.connection === connection) this.connection = null;
    // Not `end()`: that would wait for an answer from a server which may be gone.
    (
      client as unknown as { connection?: { stream?: { destroy(): void } } } | null
    )?.connection?.stream?.destroy();
  }
}
