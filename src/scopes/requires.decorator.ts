import { applyDecorators } from '@nestjs/common';
import { ApiResponse, ApiSecurity } from '@nestjs/swagger';
import { routePolicy } from '../platform/context/route-policy.js';
import type { OwnScope } from './own-scopes.js';

/** What a route demands of its caller. */
export type Requirement =
  /** A token with this scope, an API key, or a person whose role has it. */
  | OwnScope
  /** An API key, or an owner or admin; a token is refused whatever its scopes. */
  | 'api_key'
  /** The same, or a developer. */
  | 'member'
  /** An API key of the operator workspace, which runs this instance, or an owner. */
  | 'operator'
  /** A person who is signed in, whatever their role; about their own account. */
  | 'session'
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
  const secrets = requirement === 'session' ? [] : ['bearer', 'basic'];
  return applyDecorators(
    routePolicy({ requires: requirement }),
    ...secrets.map((scheme) => ApiSecurity(scheme, scopes)),
    ApiSecurity('session'),
    ApiResponse({ status: 401, description: UNAUTHORIZED }),
    ...(requirement === 'any' ? [] : [ApiResponse({ status: 403, description: forbidden(requirement) })]),
  );
}

const UNAUTHORIZED =
  'The credential is missing, malformed, unknown, ended or expired: the same answer for all';

function forbidden(requirement: Requirement): string {
  if (requirement === 'api_key')
    return 'The caller is a token, whatever its scopes, or a person who is neither owner nor admin';
  if (requirement === 'member') return 'The caller is a token, whatever its scopes, or an auditor';
  if (requirement === 'operator')
    return 'The caller is neither an API key of the operator workspace nor an owner';
  if (requirement === 'session')
    return 'The caller is no person who is signed in, or must confirm that it is they';
  return `The caller is a token without \`${requirement}\` or a person whose role lacks it, or asks for more than it may`;
}
