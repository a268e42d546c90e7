import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RoutePolicy } from '../../src/platform/context/route-policy.js';

export interface Route {
  method: string;
  /** With `:name` for a segment. */
  path: string;
  policy: RoutePolicy;
}

/** Every route that a controller of the running product declares, so that no test can forget a new one. */
export function routesOf(app: NestFastifyApplication): Route[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const methods = Object.getOwnPropertyDescriptors(metatype.prototype as object);
    return Object.values(methods).flatMap(({ value: handler }: PropertyDescriptor) => {
      const method = metadata('method', handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      const path = [metatype, handler].map((each) =>
        (metadata('path', each) as string).replace(/^\/+|\/+$/g, ''),
      );
      const config = metadata('__fastify_route_config__', handler) as { policy?: RoutePolicy } | undefined;
      return [
        {
          method: RequestMethod[method],
          path: `/${path.filter((part) => part !== '').join('/')}`,
          policy: config?.policy ?? {},
        },
      ];
    });
  });
}

function metadata(key: string, of: unknown): unknown {
  return Reflect.getMetadata(key, of as object);
}
