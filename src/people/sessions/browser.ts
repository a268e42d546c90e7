import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSecure, ownOrigin } from './origin.js';

const SESSION = 'tooken_session';
const DEVICE = 'tooken_device';
/** RFC 6265bis §4.1.3.2: taken only over HTTPS, for this very host and every path, so that no other host can set it. */
const HOST_PREFIX = '__Host-';

/** All that ours are made of, so nothing in them is encoded, and quotes are none of ours. */
const VALUE = /^[\w.-]{1,256}$/;

const DEVICE_SECONDS = 365 * 24 * 3600;

/** What a person's browser sends besides the request, and is told to keep. */
export class Browser {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  get ip(): string {
    return this.request.facts?.ip ?? '';
  }

  get userAgent(): string | null {
    return this.request.facts?.userAgent ?? null;
  }

  /** Of which origin the page is that asks; null: not of ours. */
  get page(): URL | null {
    return ownOrigin(this.request);
  }

  get session(): string | null {
    return presentedSession(this.request);
  }

  /** By which a browser is known in which its person has signed in before. */
  get device(): string | null {
    return cookieOf(this.request, DEVICE);
  }

  /** @param expiresAt Unix milliseconds. */
  keepSession(value: string, now: number, expiresAt: number): void {
    this.set(SESSION, value, Math.floor((expiresAt - now) / 1000));
  }

  forgetSession(): void {
    this.set(SESSION, '', 0);
  }

  keepDevice(value: string): void {
    this.set(DEVICE, value, DEVICE_SECONDS);
  }

  private set(name: string, value: string, maxAge: number): void {
    const secure = isSecure(this.request);
    const cookie = `${secure ? HOST_PREFIX : ''}${name}=${value}`;
    const attributes = ['Path=/', `Max-Age=${String(maxAge)}`, 'HttpOnly', 'SameSite=Lax'];
    if (secure) attributes.push('Secure');
    void this.reply.header('set-cookie', [cookie, ...attributes].join('; '));
  }
}

/** The browser that asks, as a handler's argument. */
export const FromBrowser = createParamDecorator((_data: unknown, context: ExecutionContext): Browser => {
  const http = context.switchToHttp();
  return new Browser(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});

/** The value of the session's cookie; null without one. */
export function presentedSession(request: FastifyRequest): string | null {
  return cookieOf(request, SESSION);
}

/** Without its prefix a cookie may come from a neighbouring host: where HTTPS is certain it is not taken. */
function cookieOf(request: FastifyRequest, name: string): string | null {
  const { cookie } = request.headers;
  if (cookie === undefined) return null;
  const names = request.protocol === 'https' ? [`${HOST_PREFIX}${name}`] : [`${HOST_PREFIX}${name}`, name];
  const pairs = cookie.split(';').map((pair) => pair.trim());
  for (const each of names) {
    const pair = pairs.find((one) => one.startsWith(`${each}=`));
    const value = pair?.slice(each.length + 1) ?? '';
    if (VALUE.test(value)) return value;
  }
  return null;
}
