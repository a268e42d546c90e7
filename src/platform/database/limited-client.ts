import pg from 'pg';

/** The part of the driver's insides that is needed to cut a connection without asking the server. */
interface Insides {
  connection?: { stream?: { destroy: () => void } };
}

/** Every client that is connected, whoever holds it. */
const connected = new Set<LimitedClient>();

/**
 * A client whose connection dies with a statement that was not answered in time. The driver tells the caller, but
 * keeps the connection, on which everybody after them would wait behind that statement: for a quarter of an hour,
 * if the server vanished without a word.
 *
 * With it die the connections on which nobody has asked since: what swallowed one has most likely swallowed them
 * all, and each would cost a caller of its own the whole limit to find out.
 */
export class LimitedClient extends pg.Client {
  private underWay = 0;
  /** By `performance.now()`. */
  private lastHeard = 0;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Between two owners nobody listens, and an error nobody listens to ends the process. The next statement fails.
    this.on('error', () => undefined);
    this.once('connect', () => {
      this.lastHeard = performance.now();
      connected.add(this);
    });
    this.once('end', () => connected.delete(this));
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    this.query = ((...parameters: unknown[]) => {
      const result = query(...parameters);
      if (result instanceof Promise) this.watch(result);
      return result;
    }) as typeof this.query;
  }

  /** Not `end()`: that would wait for an answer from a server which may be gone. */
  cut(): void {
    (this as unknown as Insides).connection?.stream?.destroy();
  }

  private watch(result: Promise<unknown>): void {
    const sent = performance.now();
    this.underWay += 1;
    const settle = (error?: unknown): void => {
      this.underWay -= 1;
      if (error instanceof Error && error.message === 'Query read timeout') this.cutSilentOnes(sent);
      else this.lastHeard = performance.now();
    };
    result.then(() => {
      settle();
    }, settle);
  }

  private cutSilentOnes(since: number): void {
    this.cut();
    for (const other of connected) if (other.isSilent(since) && this.hasServerOf(other)) other.cut();
  }

  private isSilent(since: number): boolean {
    return this.underWay === 0 && this.lastHeard < since;
  }

  private hasServerOf({ host, port }: LimitedClient): boolean {
    return this.host === host && this.port === port;
  }
}
