import type { Dto } from '../input/rule.js';
import { routePolicy } from './route-policy.js';

declare module './route-policy.js' {
  interface RoutePolicy {
    direct?: DirectHandler;
  }
}

export interface DirectHandler {
  controller: new (...parts: never[]) => object;
  method: string;
  body: Dto;
}

/**
 * Has the handler called as (caller, body, event, record, request), without Nest's pipeline: for what is called thousands
 * of times a second and changes nothing. The order of its parameters' decorators must be the same.
 */
export const Direct =
  (body: Dto): MethodDecorator =>
  (target, key, descriptor) => {
    const controller = target.constructor as DirectHandler['controller'];
    routePolicy({ direct: { controller, method: String(key), body } })(target, key, descriptor);
  };
