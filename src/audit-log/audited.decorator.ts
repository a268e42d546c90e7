import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { routePolicy } from '../platform/context/route-policy.js';
import type { AuditAction } from './audit-actions.js';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    /** The action its events name. */
    action?: AuditAction;
  }
}

/**
 * Every answer of this route, whatever its status, leaves exactly one event of this action, committed before the
 * answer leaves (contract §6). If the action changes something, the handler runs in the event's transaction.
 */
export const Audited = (action: AuditAction): MethodDecorator =>
  applyDecorators(routePolicy({ action }), ApiExtension(ACTION_EXTENSION, action));

/** Under which the OpenAPI document names the action of an operation's events. */
export const ACTION_EXTENSION = 'x-audit-action';
