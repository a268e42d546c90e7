import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire to PostgreSQL that can lose what it carries without a word to either side, or be cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private state: 'carries' | 'swallows' | 'is cut' = 'carries';

  private constructor(
    private readonly server: Server,
    private target: URL,
    /** Leads to the same database as the target's. */
    readonly url: string,
  ) {
    server.on('connection', (socket) => {
      this.carry(socket);
    });
  }

  static async to(target: string): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(target);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new Wire(server, new URL(target), url.href);
  }

  /** From now on new connections lead there. */
  leadTo(target: string): void {
    this.target = new URL(target);
  }

  /** From now on nothing arrives, on connections old and new. */
  swallow(): void {
    this.state = 'swallows';
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** Ends every connection; a new one is ended as soon as it is there. */
  cut(): void {
    this.state = 'is cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** New connections work again; the old ones stay as they are. */
  carryNewOnes(): void {
    this.state = 'carries';
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(one: Socket): void {
    this.keep(one);
    if (this.state === 'is cut') one.destroy();
    if (this.state !== 'carries') return;
    const other = connect(Number(this.target.port), this.target.hostname);
    this.keep(other);
    one.pipe(other);
    other.pipe(one);
    // What ends on one side abruptly, as a killed server's connection does, ends on the other.
    one.on('close', () => other.destroy());
    other.on('close', () => one.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  }
}
