import { routePolicy } from '../context/route-policy.js';

declare module '../context/route-policy.js' {
  interface RoutePolicy {
    /** The body is left as the bytes that came. */
    signedBody?: true;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body of a route that is `@SignedBody`; absent when none was sent. */
    signedBytes?: Buffer;
  }
}

/**
 * The body is signed by its sender: it stays unread until the signature over its bytes is found good, and who reads it
 * then says what is wrong with it.
 */
export const SignedBody = (): MethodDecorator => routePolicy({ signedBody: true });
