import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { refusal } from '../../platform/input/faults.js';
import { faultsOfQuery, type RawQuery } from '../../platform/input/query.js';
import { TailQuery } from './audit-streams.dto.js';

const FAULT = { field: 'Last-Event-ID', message: 'must be the id of an event of this stream' };

/** Refuses a `Last-Event-ID` that no event had; here, before the pipe, so that all faults are told at once. */
@Injectable()
export class LastEventIdInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const id = request.headers['last-event-id'];
    if (id !== undefined && !isIndex(id)) {
      throw refusal([FAULT, ...faultsOfQuery(TailQuery, request.query as RawQuery)]);
    }
    return next.handle();
  }
}

function isIndex(id: string | string[]): boolean {
  return typeof id === 'string' && /^(0|[1-9]\d*)$/.test(id) && Number.isSafeInteger(Number(id));
}
