import http from 'node:http';
import type { EventJson } from './world.js';
import { until } from './product.js';

/** One server-sent event. */
export interface Sent {
  id: string;
  event: string;
  data: EventJson & { index: number };
}

/** An open tail of the log. Reads as fast as it can, unless it is told to pause. */
export class EventStream {
  /** Everything that was sent, as it stood on the wire. */
  text = '';
  readonly sent: Sent[] = [];
  /** How it ended; null while it has not. */
  end: 'cleanly' | 'broken off' | null = null;
  private rest = '';

  private constructor(
    private readonly request: http.ClientRequest,
    readonly answer: http.IncomingMessage,
  ) {
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      this.read(text);
    });
    answer.once('error', () => undefined);
    answer.once('close', () => {
      this.end = answer.complete ? 'cleanly' : 'broken off';
    });
  }

  /** Resolves once the headers are here. */
  static async open(
    url: string,
    secret: string,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const request = http.get(
        `${url}/v1/audit-events/tail?${query}`,
        // A connection of its own: those of an agent are kept, and kept waiting.
        { agent: false, headers: { authorization: `Bearer ${secret}`, ...headers } },
        (answer) => {
          resolve(new EventStream(request, answer));
        },
      );
      request.once('error', reject);
    });
  }

  get indexes(): number[] {
    return this.sent.map(({ id }) => Number(id));
  }

  get ids(): string[] {
    return this.sent.map(({ data }) => data.id);
  }

  /** Waits until so many events are here. */
  async has(count: number): Promise<void> {
    await until(() => this.sent.length >= count || this.end !== null);
  }

  async ended(): Promise<'cleanly' | 'broken off'> {
    await until(() => this.end !== null);
    return this.end!;
  }

  pause(): void {
    this.answer.pause();
  }

  resume(): void {
    this.answer.resume();
  }

  close(): void {
    this.request.destroy();
  }

  private read(text: string): void {
    this.text += text;
    const parts = (this.rest + text).split('\n\n');
    this.rest = parts.pop()!;
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => split(line, ': ')));
      if (!fields.has('data')) continue;
      const data = JSON.parse(fields.get('data')!) as Sent['data'];
      this.sent.push({ id: fields.get('id')!, event: fields.get('event')!, data });
    }
  }
}

function split(line: string, by: string): [string, string] {
  const at = line.indexOf(by);
  return [line.slice(0, at), line.slice(at + by.length)];
}
