import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Database } from '../platform/database/database.js';
import { idempotencyKeyOf } from '../platform/input/idempotency-key.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';
import type { AuditDraft } from './audit-draft.js';
import { AuditRecorder } from './audit-recorder.js';
import { auditRows, RECORD_WITHIN_MS, type AuditEntry } from './audit-row.js';

/**
 * Records what was handled, before its answer leaves. A change runs in one transaction with its event; what
 * changes nothing is recorded in the next group commit. Whatever throws is recorded by the exception filter.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly database: Database,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const action = request.routeOptions.config.policy?.action;
    if (action === undefined) return next.handle();
    const status = statusOf(context, request.method);
    const handle = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.recorded(action, request, status, handle));
  }

  /** Hands the handler's value out once its event is on disk, with the change if there was one. */
  recorded<T>(
    action: AuditAction,
    request: FastifyRequest,
    status: number,
    handle: () => Promise<T>,
  ): Promise<T> {
    draftOf(request).deadline = performance.now() + RECORD_WITHIN_MS;
    request.openRecord = () => successRows(action, request, status).rows;
    const { commitsItself, onlyInserts } = request.routeOptions.config.policy ?? {};
    if (commitsItself === true) return this.withChangeWithin(action, request, status, handle);
    const hasTransaction = onlyInserts !== true || idempotencyKeyOf(request) !== null;
    return AUDIT_ACTIONS[action].changes && hasTransaction
      ? this.withChange(action, request, status, handle)
      : this.record(action, request, status, handle);
  }

  private async withChange<T>(
    action: AuditAction,
    request: FastifyRequest,
    status: number,
    handle: () => Promise<T>,
  ): Promise<T> {
    const result = await this.database.transaction(async () => {
      const value = await handle();
      await this.recorder.recordWithChange(successRows(action, request, status));
      return value;
    });
    draftOf(request).recorded = true;
    return result;
  }

  /** The handler says what is the change; if it changes nothing, its event is recorded like that of a read. */
  private async withChangeWithin<T>(
    action: AuditAction,
    request: FastifyRequest,
    status: number,
    handle: () => Promise<T>,
  ): Promise<T> {
    const draft = draftOf(request);
    draft.commit = (change) => this.withChange(action, request, status, change);
    const result = await handle();
    if (!draft.recorded) await this.recorder.record(successRows(action, request, status));
    draft.recorded = true;
    return result;
  }

  private async record<T>(
    action: AuditAction,
    request: FastifyRequest,
    status: number,
    handle: () => Promise<T>,
  ): Promise<T> {
    const result = await handle();
    const draft = draftOf(request);
    // A decision that is made in the transaction of its event has written it there.
    if (!draft.recorded) await this.recorder.record(successRows(action, request, status));
    draft.recorded = true;
    return result;
  }
}

function successRows(action: AuditAction, request: FastifyRequest, status: number): AuditEntry {
  return auditRows(action, request.facts ?? null, draftOf(request), {
    status,
    outcome: 'success',
    reason: null,
  });
}

function draftOf(request: FastifyRequest): AuditDraft {
  if (request.auditDraft === undefined) throw new Error('an audited route without its request hook');
  return request.auditDraft;
}

function statusOf(context: ExecutionContext, method: string): number {
  const declared = Reflect.getMetadata(HTTP_CODE_METADATA, context.getHandler()) as number | undefined;
  return declared ?? (method === 'POST' ? 201 : 200);
}
