import { applyDecorators } from '@nestjs/common';
import { ApiResponse, ApiSecurity } from '@nestjs/swagger';
import { routePolicy } from '../platform/context/route-policy.js';
import type { OwnScope } from './own-scopes.js';

/** What a route demands of its caller. */
export type Requirement =
  /** A token with this scope, or an API key. */
  | OwnScope
  /** An API key; a token is refused whatever its scopes. */
  | 'api_key'
  /** An API key of the operator workspace, which runs this instance. */
  | 'operator'
  /** Any credential. */
  | 'any';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    requires?: Requirement;
  }
}

/** Closes the route to all but these callers, and says so in the OpenAPI document: one decorator, one truth. */
export function Requires(requirement: Requirement): MethodDecorator {
  const scopes = requirement.includes(':') ? [requirement] : [];
  return applyDecorators(
    routePolicy({ requires: requirement }),
    ApiSecurity('bearer', scopes),
    ApiSecurity('basic', scopes),
    ApiResponse({ status: 401, description: UNAUTHORIZED }),
    ...(requirement === 'any' ? [] : [ApiResponse({ status: 403, description: forbidden(requirement) })]),
  );
}

const UNAUTHORIZED =
  'The credential is missing, malformed, unknown, ended or expired: the same answer for all';

function forbidden(requirement: Requirement): string {
  if (requirement === 'api_key')
    return 'The caller is a token; only API keys are let in, whatever the scopes';
  if (requirement === 'operator') return 'The caller is no API key of the operator workspace';
  return `The caller is a token without \`${requirement}\`, or asks for more than it may`;
}
