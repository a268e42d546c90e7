import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROOT } from './platform/root.js';

/** Where the build of `dashboard/` lies. */
export const DASHBOARD = join(ROOT, 'dashboard', 'dist');

/** The screens one can open by their address; whatever else does not exist is the API's 404. */
export const SCREENS = [
  '/',
  ...['/sign-in', '/sign-up', '/setup', '/invitation', '/reset', '/account'],
  ...['/tokens', '/tokens/:id'],
  ...['/settings', '/settings/audit-log/:id', '/settings/webhooks/:id'],
  ...['api-keys', 'audit-log', 'scopes', 'members', 'webhooks', 'workspace'].map(
    (page) => `/settings/${page}`,
  ),
];

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Their names hold the hash of their contents. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

/** What stands in the page for what is new in every answer. */
const NONCE_PLACE = '__STYLE_NONCE__';

interface File {
  type: string;
  etag: string;
  cacheControl: string;
  /** By content coding. */
  bodies: { identity: Buffer; br?: Buffer; gzip?: Buffer };
}

/**
 * Serves the dashboard, if it was built: its files from memory, compressed when it was built, and its page for every
 * screen. Leaves no audit events (contract §6).
 */
export function setUpDashboard(app: NestFastifyApplication, folder = DASHBOARD): void {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return;
  const page = readFileSync(index, 'utf8');
  const assets = filesOf(join(folder, 'assets'), FOR_EVER);
  const server = app.getHttpAdapter().getInstance();
  for (const screen of SCREENS) server.get(screen, (_request, reply) => sendPage(reply, page));
  server.get<{ Params: { file: string } }>('/assets/:file', (request, reply) =>
    sendFile(request, reply, assets.get(request.params.file)),
  );
  for (const [name, file] of filesOf(folder, ASK_EACH_TIME)) {
    server.get(`/${name}`, (request, reply) => sendFile(request, reply, file));
  }
}

/** Only what is known when the product starts can ever be asked for. */
function filesOf(folder: string, cacheControl: string): Map<string, File> {
  const files = new Map<string, File>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = join(folder, name);
    const identity = readFileSync(path);
    const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
    const [br, gzip] = [`${path}.br`, `${path}.gz`].map((other) =>
      existsSync(other) ? readFileSync(other) : undefined,
    );
    files.set(name, {
      type,
      etag,
      cacheControl,
      bodies: { identity, ...(br && { br }), ...(gzip && { gzip }) },
    });
  }
  return files;
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return (
    reply
      .header('content-security-policy', contentSecurityPolicy(nonce))
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
      .header('content-type', 'text/html; charset=utf-8')
      // A kept page would carry the nonce of an answer that is gone.
      .header('cache-control', 'no-store')
      .send(page.replace(NONCE_PLACE, nonce))
  );
}

/** @param nonce lets in the style elements that Mantine makes for its theme; no script may be inline at all. */
function contentSecurityPolicy(nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: File | undefined): FastifyReply {
  if (file === undefined) {
    reply.callNotFound();
    return reply;
  }
  void reply
    .header('cache-control', file.cacheControl)
    .header('etag', file.etag)
    .header('vary', 'accept-encoding')
    .header('content-type', file.type);
  if (request.headers['if-none-match'] === file.etag) return reply.status(304).send();
  const { identity, br, gzip } = file.bodies;
  const accepted = request.headers['accept-encoding'] ?? '';
  if (br && /\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(br);
  if (gzip && /\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(gzip);
  return reply.send(identity);
}
