import type { FastifyRequest } from 'fastify';
import { routePolicy } from '../platform/context/route-policy.js';
import { parseSecret } from '../platform/secrets/secret.js';
import type { CredentialFacts } from './credential-facts.js';
import type { CredentialLookup } from './credential-lookup.js';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    /** The body's `token` is a secret to look up. */
    presentsToken?: true;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The look-up of the presented token, under way since the guard. */
    presented?: Promise<CredentialFacts | null>;
  }
}

/**
 * Starts the look-up of the body's `token` together with that of the caller's credential, so that both share one
 * statement: a verification then waits for the database twice, not three times.
 */
export const PresentsToken = (): MethodDecorator => routePolicy({ presentsToken: true });

/** Called by the guard before it looks at the caller. */
export function startPresentedLookup(request: FastifyRequest, lookup: CredentialLookup): void {
  const token = (request.body as { token?: unknown } | null | undefined)?.token;
  const secret = typeof token === 'string' ? parseSecret(token) : null;
  if (secret === null) return;
  request.presented = lookup.find(secret);
  // A caller who is refused never asks for it.
  request.presented.catch(() => undefined);
}
