import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { routePolicy } from '../platform/context/route-policy.js';
import type { AuditAction } from './audit-actions.js';

declare module '../platform/context/route-policy.js' {
  interface RoutePolicy {
    /** The action its events name. */
    action?: AuditAction;
    /** Whether its handler says itself what belongs into the transaction of the event. */
    commitsItself?: true;
    /** Whether its change is nothing but new rows (`NewRows`), so that it needs no transaction of its own. */
    onlyInserts?: true;
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

/**
 * The handler of a change decides before it opens the transaction, by `event.commit`: for what takes long, such as a
 * password, and would keep a connection waiting; or for what must be remembered although it was refused.
 */
export const CommitsItself = (): MethodDecorator => routePolicy({ commitsItself: true });

/**
 * The handler of a change only inserts, by `NewRows`, which commits its rows with their event. A transaction is opened
 * around it only if its answer has to be remembered too, for an idempotency key.
 */
export const OnlyInserts = (): MethodDecorator => routePolicy({ onlyInserts: true });
