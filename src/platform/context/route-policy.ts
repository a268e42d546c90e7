import type { CustomDecorator } from '@nestjs/common';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

/** Where Nest keeps what a handler's parameters ask for: keys are a number of the list below, `:`, the place. */
const ROUTE_ARGUMENTS = '__routeArguments__';
const BODY = '3:';
const QUERY = '4:';

/**
 * What decorators declare of a route. Each floor adds its own fields by declaration merging; nothing declared
 * means closed.
 */
export interface RoutePolicy {
  /** Open to everybody, without a credential. */
  public?: true;
  /** What the handler's parameters take; whatever else is sent is refused. */
  takes?: { query: boolean; body: boolean };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: RoutePolicy;
  }
}

/** Adds to the policy of the decorated handler: Fastify's `config` of the route, readable to hooks, guard and filter. */
export function routePolicy(part: RoutePolicy): MethodDecorator & CustomDecorator {
  return ((target: object, key: string | symbol, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const config = (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) ?? {}) as {
      policy?: RoutePolicy;
    };
    Reflect.defineMetadata(
      FASTIFY_ROUTE_CONFIG_METADATA,
      { ...config, policy: { ...config.policy, takes: takenBy(target, key), ...part } },
      handler,
    );
  }) as never;
}

/** TypeScript decorates parameters before their method, so all of them are known by now. */
function takenBy(target: object, method: string | symbol): { query: boolean; body: boolean } {
  const parameters = Object.keys(
    (Reflect.getMetadata(ROUTE_ARGUMENTS, target.constructor, method) ?? {}) as object,
  );
  const takes = (kind: string) => parameters.some((parameter) => parameter.startsWith(kind));
  return { query: takes(QUERY), body: takes(BODY) };
}

/** Opens the route to everybody. A route that is neither public nor requires anything answers nobody. */
export const Public = (): MethodDecorator => routePolicy({ public: true });
