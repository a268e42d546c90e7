import { routePolicy } from '../platform/context/route-policy.js';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    ownsApiKeyField?: true;
  }
}

/** The body's `api_key` is what this call is about, not a credential in the wrong place (contract §3). */
export const OwnsApiKeyField = (): MethodDecorator => routePolicy({ ownsApiKeyField: true });
