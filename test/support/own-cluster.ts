import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../src/platform/database/embedded/embedded-server.js';
import { emptyFolder, processesOn, until } from './product.js';
import { freeze, killAll } from './server-processes.js';

const DATABASE = 'tooken';
const APP_ROLE = 'tooken_app';

/** A PostgreSQL of a test's own, to be stopped, killed and started: the one all tests share must stand. */
export class OwnCluster {
  private constructor(
    readonly folder: string,
    private server: EmbeddedServer,
  ) {}

  static async start(): Promise<OwnCluster> {
    const folder = emptyFolder();
    const cluster = new OwnCluster(folder, await serve(folder));
    await cluster.query(`create role ${APP_ROLE} login password '${APP_ROLE}'`, [], 'postgres');
    await cluster.query(`create database ${DATABASE}`, [], 'postgres');
    return cluster;
  }

  /** Of the superuser. */
  get adminUrl(): string {
    return this.server.adminUrl(DATABASE);
  }

  /** Of a role that may connect and nothing else, until a migration grants it more. */
  get appUrl(): string {
    return Object.assign(new URL(this.adminUrl), { username: APP_ROLE, password: APP_ROLE }).href;
  }

  /** Runs one statement as superuser. */
  async query<Row extends object>(
    sql: string,
    parameters: unknown[] = [],
    database = DATABASE,
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.server.adminUrl(database) });
    await client.connect();
    try {
      return (await client.query<Row>(sql, parameters)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops every process of it where it stands; returns how to let them go on. */
  freeze(): () => void {
    return freeze(this.folder);
  }

  /** In order, as an operator does it. */
  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** Without any order. */
  async kill(): Promise<void> {
    killAll(this.folder);
    await until(() => processesOn(this.folder).length === 0);
    await this.server.stop();
  }

  /** Again, on another port. */
  async startAgain(): Promise<void> {
    this.server = await serve(this.folder);
  }
}

function serve(folder: string): Promise<EmbeddedServer> {
  return startEmbedded({ dataDir: folder, onExit: () => undefined, say: () => undefined });
}
