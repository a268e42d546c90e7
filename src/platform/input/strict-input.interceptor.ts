import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Clock } from '../clock.js';
import type { Fault } from '../errors/problem.js';
import { NONE, refusal, segment } from './faults.js';
import { idempotencyKeyFaults } from './idempotency-key.js';
import { faultsOfForm, isForm } from './form.js';
import { at } from './moment.js';
import { faultsOfQuery, undecodable, type RawQuery } from './query.js';
import type { Dto } from './rule.js';
import { faultsOf } from './validate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What is wrong with the body as JSON. A body with such faults comes only as far as here. */
    bodyFaults?: readonly Fault[];
  }
}

/** What Nest's keys of bound parameters begin with. */
const BODY = '3:';
const QUERY = '4:';

/** The classes that a handler asks for; null: it asks for none. */
export interface Takes {
  body: Dto | null;
  query: Dto | null;
}

/** What a handler does not ask for must not be sent: fields are refused, never ignored (contract §2). */
@Injectable()
export class StrictInputInterceptor implements NestInterceptor {
  private readonly known = new WeakMap<object, Takes>();

  constructor(private readonly clock: Clock) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.inspect(context.switchToHttp().getRequest<FastifyRequest>(), this.takenBy(context));
    return next.handle();
  }

  /** Throws what of the request's faults the pipe would not find; with them those that it would. */
  inspect(request: FastifyRequest, { body, query }: Takes): void {
    const judgements = [
      idempotencyKeyFaults(request),
      query === null ? unknownFields(request.query) : undecodable(request.url),
      request.bodyFaults ?? NONE,
      body === null ? untakenBody(request) : NONE,
    ];
    // The rest is the pipe's to judge.
    if (judgements.every((faults) => faults.length === 0)) return;
    // All faults at once: also those that the pipe would have found.
    const rest = at(this.clock.now(), () => [
      ...(query === null ? NONE : faultsOfQuery(query, request.query as RawQuery)),
      ...(body === null ? NONE : faultsOfBody(body, request.body)),
    ]);
    throw refusal(firstOfEach([...judgements, rest]));
  }

  private takenBy(context: ExecutionContext): Takes {
    const handler = context.getHandler();
    const known = this.known.get(handler);
    if (known !== undefined) return known;
    const controller = context.getClass();
    const bound = Object.entries(
      (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler.name) ?? {}) as Record<
        string,
        { index: number }
      >,
    );
    const types = Reflect.getMetadata('design:paramtypes', controller.prototype as object, handler.name) as
      Dto[] | undefined;
    const taken = (kind: string): Dto | null => {
      const argument = bound.find(([key]) => key.startsWith(kind))?.[1];
      return argument === undefined ? null : (types?.[argument.index] ?? null);
    };
    const takes = { body: taken(BODY), query: taken(QUERY) };
    this.known.set(handler, takes);
    return takes;
  }
}

function faultsOfBody(dto: Dto, body: unknown): readonly Fault[] {
  if (isForm(dto)) return faultsOfForm(dto, (body ?? {}) as RawQuery);
  return faultsOf(dto, body === undefined ? {} : body);
}

/** Fastify does not read what comes with a GET; that something does is fault enough. */
function untakenBody({ method, headers, body }: FastifyRequest): Fault[] {
  const isUnread =
    (method === 'GET' || method === 'HEAD') &&
    (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);
  return isUnread ? [TAKES_NO_BODY] : unknownFields(body);
}

const TAKES_NO_BODY: Fault = { field: '', message: 'this call takes no body' };

function unknownFields(container: unknown): Fault[] {
  if (container === undefined) return [];
  if (typeof container !== 'object' || container === null || Array.isArray(container)) return [TAKES_NO_BODY];
  return Object.keys(container).map((field) => ({ field: segment(field), message: 'is not a known field' }));
}

/** The faults of all judges, save where an earlier one has named the place or what it lies in. */
function firstOfEach(judgements: readonly (readonly Fault[])[]): Fault[] {
  const faults: Fault[] = [];
  for (const judgement of judgements) {
    if (judgement.length === 0) continue;
    const named = new Set(faults.map(({ field }) => field));
    const isNamed = (field: string) =>
      named.has(field) ||
      [...field.matchAll(/(?<=.)[.[]/g)].some(({ index }) => named.has(field.slice(0, index)));
    faults.push(...judgement.filter(({ field }) => !isNamed(field)));
  }
  return faults;
}
