import pg from 'pg';

/** The part of the driver's insides that is needed to cut a connection without asking the server. */
interface Insides {
  connection?: { stream?: { destroy: () => void } };
}

/**
 * A client whose connection dies with a statement that was not answered in time. The driver tells the caller, but
 * keeps the connection, on which everybody after them would wait behind that statement: for a quarter of an hour,
 * if the server vanished without a word.
 */
export class LimitedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Between two owners nobody listens, and an error nobody listens to ends the process. The next statement fails.
    this.on('error', () => undefined);
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    this.query = ((...parameters: unknown[]) => {
      const result = query(...parameters);
      if (result instanceof Promise) result.catch((error: unknown) => this.cutIfOverdue(error));
      return result;
    }) as typeof this.query;
  }

  /** Not `end()`: that would wait for an answer from a server which may be gone. */
  cut(): void {
    (this as unknown as Insides).connection?.stream?.destroy();
  }

  private cutIfOverdue(error: unknown): void {
    if (error instanceof Error && error.message === 'Query read timeout') this.cut();
  }
}
