import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import type { Fault } from '../errors/problem.js';
import { refusal, segment } from './faults.js';

/** What Nest's keys of bound parameters begin with. */
const BODY = '3:';
const QUERY = '4:';

interface Takes {
  body: boolean;
  query: boolean;
}

/** What a handler does not ask for must not be sent: fields are refused, never ignored (contract §2). */
@Injectable()
export class StrictInputInterceptor implements NestInterceptor {
  private readonly known = new WeakMap<object, Takes>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const takes = this.takenBy(context);
    const faults = [
      ...(takes.query ? [] : unknownFields(request.query)),
      ...(takes.body ? [] : unknownFields(request.body)),
    ];
    if (faults.length > 0) throw refusal(faults);
    return next.handle();
  }

  private takenBy(context: ExecutionContext): Takes {
    const handler = context.getHandler();
    const known = this.known.get(handler);
    if (known !== undefined) return known;
    const bound = Object.keys(
      (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ?? {}) as object,
    );
    const takes = {
      body: bound.some((key) => key.startsWith(BODY)),
      query: bound.some((key) => key.startsWith(QUERY)),
    };
    this.known.set(handler, takes);
    return takes;
  }
}

function unknownFields(container: unknown): Fault[] {
  if (container === undefined) return [];
  if (typeof container !== 'object' || container === null || Array.isArray(container)) {
    return [{ field: '', message: 'this call takes no body' }];
  }
  return Object.keys(container).map((field) => ({ field: segment(field), message: 'is not a known field' }));
}
