import type pg from 'pg';
import { connectionSettings } from './data-source.js';
import { LimitedClient } from './limited-client.js';
import { sqlState } from './unavailable.js';

/** Classes of SQLSTATE that blame the data (22 data exception, 23 integrity): the connection is as good as before. */
const FAULT_OF_DATA = /^(22|23)/;

/**
 * The statements are few and their plans never change with the values: planning each batch would cost as much as
 * the look-up itself. Nor may they depend on how big the tables were when the plan was made: one made while there
 * were few tokens reads all of them at every look-up, until the next ANALYZE. Here only the way along the indexes
 * is ever right.
 */
const PLANNING = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  // What is discouraged looks dear, and what is dear would be compiled to machine code first.
  'jit=off',
];

/** A statement to be prepared under its name, once for each connection. */
export interface Statement {
  name: string;
  text: string;
  values: unknown[];
  /** What its error is told as. */
  told?: (error: unknown) => unknown;
}

/** Sends statements at once; gives the rows of each. */
export type Ask = <Row>(...statements: Statement[]) => Promise<Row[][]>;

const BEGIN: Statement = { name: 'begin', text: 'begin', values: [] };
const COMMIT: Statement = { name: 'commit', text: 'commit', values: [] };
const ROLLBACK: Statement = { name: 'rollback', text: 'rollback', values: [] };

/**
 * One connection of the decision lane, kept open, with prepared statements. Opened on first use and again
 * after a failure, so that it heals by itself once the database is back.
 */
export class Lane {
  private connection: Promise<LimitedClient> | null = null;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly name: string,
  ) {}

  /** Runs a prepared statement. Calls must not overlap: the lane is one connection. */
  run<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    return this.onConnection(async (client) => (await client.query<Row>({ name, text, values })).rows);
  }

  /**
   * One transaction in two round trips: reads something, then writes what follows from it, all or nothing. What the
   * reading has locked is held for no longer than that, however busy this process is. Calls must not overlap.
   *
   * @param follow what to write, by what was read. If it throws, nothing is written.
   */
  transaction(read: Statement, follow: (rows: unknown[]) => Statement[]): Promise<void> {
    return this.onConnection(async (client) => {
      try {
        const [, found] = await sendAtOnce(client, [BEGIN, read]);
        await sendAtOnce(client, [...follow(found!.rows), COMMIT]);
      } catch (error) {
        // Otherwise the connection is dropped, and its transaction with it.
        if (isFaultOfData(error)) await client.query(ROLLBACK);
        throw error;
      }
    });
  }

  /**
   * One transaction in one round trip: all of the statements, or none. Calls must not overlap.
   */
  atOnce(statements: readonly Statement[]): Promise<void> {
    return this.onConnection(async (client) => {
      try {
        await sendAtOnce(client, [BEGIN, ...statements, COMMIT]);
      } catch (error) {
        // Otherwise the connection is dropped, and its transaction with it.
        if (isFaultOfData(error)) await client.query(ROLLBACK);
        throw error;
      }
    });
  }

  /**
   * One transaction of as many round trips as the work takes: committed when it resolves, undone when it throws. Calls
   * must not overlap.
   *
   * @param work what it asks at once is sent at once.
   */
  unit<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.onConnection(async (client) => {
      let opening = [BEGIN];
      const ask: Ask = async (...statements) => {
        const sent = [...opening, ...statements];
        opening = [];
        const results = await sendAtOnce(client, sent);
        return results.slice(sent.length - statements.length).map(({ rows }) => rows as never[]);
      };
      try {
        const result = await work(ask);
        if (opening.length === 0) await client.query(COMMIT);
        return result;
      } catch (error) {
        // Otherwise the connection is dropped, and its transaction with it.
        if (isFaultOfData(error)) await client.query(ROLLBACK);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = await this.connection?.catch(() => null);
    this.connection = null;
    await client?.end();
  }

  private async onConnection<T>(work: (client: LimitedClient) => Promise<T>): Promise<T> {
    const connection = (this.connection ??= this.connect());
    let client: LimitedClient | null = null;
    try {
      client = await connection;
      return await work(client);
    } catch (error) {
      // Whatever it was, a lost socket, a privilege, a prepared statement gone: the next run starts afresh.
      if (!isFaultOfData(error)) this.drop(connection, client);
      throw error;
    }
  }

  private connect(): Promise<LimitedClient> {
    if (this.closed) return Promise.reject(new Error('Client was closed'));
    const client = new LimitedClient({
      connectionString: this.url,
      ...connectionSettings(`tooken ${this.name}`),
      pipeline: true,
      options: PLANNING.map((setting) => `-c ${setting}`).join(' '),
    });
    const connection = client.connect().then(() => client);
    // Only its own place: a late word of an old client must not orphan the one that has followed it.
    client.on('error', () => {
      this.drop(connection, client);
    });
    return connection;
  }

  private drop(connection: Promise<LimitedClient>, client: LimitedClient | null): void {
    if (this.connection === connection) this.connection = null;
    client?.cut();
  }
}

/**
 * Sends the statements without waiting for the answer to each. After one that fails the server refuses the rest, the
 * commit included, which then undoes all; the first error tells why.
 */
async function sendAtOnce(
  client: LimitedClient,
  statements: readonly Statement[],
): Promise<pg.QueryResult[]> {
  const results = await Promise.allSettled(statements.map((statement) => client.query(statement)));
  return results.map((result, at) => {
    if (result.status === 'rejected') throw statements[at]?.told?.(result.reason) ?? result.reason;
    return result.value;
  });
}

function isFaultOfData(error: unknown): boolean {
  return FAULT_OF_DATA.test(sqlState(error) ?? '');
}
