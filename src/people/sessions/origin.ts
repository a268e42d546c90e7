import type { FastifyRequest } from 'fastify';

/**
 * The origin of the page that sent the request, if it is one of ours: browsers say so with every request that
 * changes something. Null: they say nothing, or another.
 */
export function ownOrigin(request: FastifyRequest): URL | null {
  const { origin } = request.headers;
  if (origin === undefined || !URL.canParse(origin)) return null;
  const url = new URL(origin);
  return url.host !== '' && url.host === request.host.toLowerCase() ? url : null;
}

/**
 * Whether a request that changes something was sent by our own page, and not by another in the same browser, which
 * would have the cookie sent along. Of what no browser sends (neither header), nobody knows: `isCertain` decides.
 */
export function isSameOrigin(request: FastifyRequest, isCertain: boolean): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (request.headers.origin !== undefined) return ownOrigin(request) !== null;
  return site === 'same-origin' || !isCertain;
}

/** Whether the browser's side of the connection is HTTPS, as far as can be told behind a proxy. */
export function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https' || ownOrigin(request)?.protocol === 'https:';
}
