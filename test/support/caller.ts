import { setTimeout as delay } from 'node:timers/promises';

/** An answer over real HTTP. */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  /** Parsed JSON; the text itself when it is none. */
  body: Body;
  text: string;
  /** `X-Request-Id`, by which the answer's event is found. */
  requestId: string;
}

/** As long as a server that has something to say will not be silent. */
const SILENCE_MS = 400;

type Headers_ = Record<string, string>;

/** Calls one instance with one credential. */
export class Caller {
  constructor(
    readonly url: string,
    private readonly headers: Headers_ = {},
  ) {}

  /** The same caller with these headers too. */
  with(headers: Headers_): Caller {
    return new Caller(this.url, { ...this.headers, ...headers });
  }

  /** Whether it sends this header anyway. */
  sends(header: string): boolean {
    return Object.hasOwn(this.headers, header);
  }

  get<Body = Record<string, unknown>>(path: string): Promise<Answer<Body>> {
    return this.send<Body>('GET', path);
  }

  post<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer<Body>> {
    return this.send<Body>('POST', path, body);
  }

  patch<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer<Body>> {
    return this.send<Body>('PATCH', path, body);
  }

  delete<Body = Record<string, unknown>>(path: string): Promise<Answer<Body>> {
    return this.send<Body>('DELETE', path);
  }

  /** @param body sent as JSON; a string is sent as it is, so that malformed bodies can be. */
  async send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...this.headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    const text = await (type === 'text/event-stream' ? beginningOf(response) : response.text());
    return {
      status: response.status,
      headers: response.headers,
      body: (type.includes('ndjson') ? text : parsed(text)) as Body,
      text,
      requestId: response.headers.get('x-request-id') ?? '',
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of an answer without an end: what comes until nothing more comes for a moment. Then nobody listens any more. */
async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const moment = delay(SILENCE_MS, { done: true, value: '' });
    const { done, value } = await Promise.race([reader.read(), moment]);
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return text;
}
