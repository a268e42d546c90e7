import type { CustomDecorator } from '@nestjs/common';

/** Where Nest's Fastify adapter looks for a route's `config`, which hooks, guard and filter all can read. */
const ROUTE_CONFIG = '__fastify_route_config__';

/**
 * What decorators declare of a route. Each floor adds its own fields by declaration merging; nothing declared
 * means closed.
 */
export interface RoutePolicy {
  /** Open to everybody, without a credential. */
  public?: true;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: RoutePolicy;
  }
}

/** Adds to the policy of the decorated handler. */
export function routePolicy(part: RoutePolicy): MethodDecorator & CustomDecorator {
  return ((_target: object, _key: string | symbol, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const config = (Reflect.getMetadata(ROUTE_CONFIG, handler) ?? {}) as { policy?: RoutePolicy };
    Reflect.defineMetadata(ROUTE_CONFIG, { ...config, policy: { ...config.policy, ...part } }, handler);
  }) as never;
}

/** Opens the route to everybody. A route that is neither public nor requires anything answers nobody. */
export const Public = (): MethodDecorator => routePolicy({ public: true });
