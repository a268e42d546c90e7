import { routePolicy } from '../platform/context/route-policy.js';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    /** A person must just have proven again who they are. */
    needsSudo?: true;
  }
}

/**
 * A person is let in only within ten minutes of having confirmed that it is they (`POST /v1/session/sudo`), so that a
 * browser left open, or a stolen session, does not give away what lasts. API keys prove who they are each time.
 */
export const NeedsSudo = (): MethodDecorator => routePolicy({ needsSudo: true });
