import { applyDecorators } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { routePolicy } from './route-policy.js';

/** What the body of an OAuth request is written in (RFC 6749 §4.4.2 and others). */
export const FORM_TYPE = 'application/x-www-form-urlencoded';

declare module './route-policy.js' {
  interface RoutePolicy {
    /** The route speaks as RFC 6749 does: forms in, its errors out, clients by name and secret. */
    oauth?: true;
    /** Open to everybody, but whoever presents a credential is judged by it. */
    admitsClients?: true;
  }
}

/**
 * Makes a route one that OAuth clients understand: the body is a form (§3.2), errors are those of §5.2, and a client
 * authenticates as §2.3.1 has it, its name being the handle or the workspace's slug. Bearer works as everywhere.
 */
export const OAuthEndpoint = (): MethodDecorator =>
  applyDecorators(routePolicy({ oauth: true }), ApiConsumes(FORM_TYPE));

/** For the token endpoint, where what the body holds may be credential enough. */
export const AdmitsClients = (): MethodDecorator => routePolicy({ public: true, admitsClients: true });
