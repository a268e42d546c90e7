import { isIPv4 } from 'node:net';
import { parseAddress } from '../addresses.js';
import { newHandle } from '../ids.js';
import { withoutSecrets } from '../secrets/secret.js';

/** What is known of a request before anyone has looked at its credential. */
export interface RequestFacts {
  /** The caller's `X-Request-Id` if it is well-formed, else a new `req_…` (contract §2). */
  id: string;
  method: string;
  /** The route's template; never the raw URL, which may hold a secret. */
  route: string;
  /** The client's address: the peer's, or what a trusted proxy says. */
  ip: string;
  userAgent: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    facts?: RequestFacts;
  }
}

const MAX_USER_AGENT = 512;

/** The caller's request id, if it may be kept: it is shown and stored, so a secret is none. */
export function requestId(header: string | string[] | undefined, at: number): string {
  const isKept = typeof header === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(header);
  if (isKept && withoutSecrets(header) === header) return header;
  return newHandle('req', at);
}

/**
 * The client's address in its canonical text: dual-stack sockets show IPv4 peers as `::ffff:192.0.2.1`, and
 * link-local peers with the name of the interface. A proxy that is believed may still say what is no address,
 * which PostgreSQL would refuse: then it is the peer's.
 *
 * @param claimed the peer's address or what a trusted proxy says; of a closed socket there is neither.
 */
export function plainAddress(claimed: string | undefined, peer: string | undefined): string {
  if (claimed !== undefined && isIPv4(claimed)) return claimed;
  const plain = (text = '') => parseAddress(text.replace(/%.*$/, ''));
  return plain(claimed) ?? plain(peer) ?? '0.0.0.0';
}

/** Cut to what the log keeps, without half characters or what PostgreSQL's text cannot hold. */
export function plainUserAgent(header: string | undefined): string | null {
  if (header === undefined || header === '') return null;
  return header.slice(0, MAX_USER_AGENT).toWellFormed().replaceAll('\u0000', '\ufffd');
}
