import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AuditRow } from './audit-row.js';

/**
 * For a decision that cannot be made before its event is written, since both must be in one transaction: the handler
 * writes the events itself, and then says so by the draft's `recorded`.
 */
export type OpenRecord = () => AuditRow[];

declare module 'fastify' {
  interface FastifyRequest {
    /** The events of this request by their drafts as they stand, were it answered well now. */
    openRecord?: OpenRecord;
  }
}

/** The events of a request while it is being handled, as a handler's argument. */
export const Recording = createParamDecorator((_data: unknown, context: ExecutionContext): OpenRecord => {
  const { openRecord } = context.switchToHttp().getRequest<FastifyRequest>();
  if (openRecord === undefined) throw new Error('a handler that writes its own events must be @Audited');
  return openRecord;
});
