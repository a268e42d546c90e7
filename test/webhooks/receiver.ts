import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/product.js';

/** A request as it arrived. */
export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** What the body of a notice says; tests name the fields they look at. */
export interface NoticeJson {
  type: string;
  timestamp: string;
  data: Record<string, unknown> & { event_id: string };
}

/** What a receiver answers; a status, or whatever it likes. */
export type Answering = number | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server that a webhook leads to: real HTTP, on loopback. */
export class Receiver {
  readonly received: Received[] = [];
  answering: Answering = 204;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      receiver.take(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The notices that arrived at this path, in the order in which they did. */
  notices(path = '/'): NoticeJson[] {
    return this.at(path).map(({ body }) => JSON.parse(body) as NoticeJson);
  }

  at(path = '/'): Received[] {
    return this.received.filter((each) => each.path === path);
  }

  /** Waits until at least so many have arrived there. */
  async has(count: number, path = '/'): Promise<void> {
    await until(() => this.at(path).length >= count);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.received.push({
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const { answering } = this;
      if (typeof answering === 'number') response.writeHead(answering).end();
      else answering(request, response);
    });
  }
}
