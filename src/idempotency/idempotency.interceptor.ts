import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AUDIT_ACTIONS } from '../audit-log/audit-actions.js';
import type { AuditDraft, AuditTarget } from '../audit-log/audit-draft.js';
import '../audit-log/audited.decorator.js';
import { canonicalJson } from '../audit-log/proofs/canonical.js';
import type { Principal } from '../credentials/principal.js';
import { idempotencyKeyOf } from '../platform/input/idempotency-key.js';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';
import '../scopes/requires.decorator.js';
import { AnswerSeal } from './answer-seal.js';
import { RememberedAnswers } from './remembered-answers.js';

/** What is kept of a call that succeeded. */
interface KeptAnswer {
  status: number;
  /** Absent when the answer has none. */
  body?: unknown;
  /** What it was about, for the events of repetitions; of a batch that was about several things, null. */
  target: AuditTarget | null;
  /** The event, or the first of a batch's. */
  eventId: string;
  /** How many answers it stands for: the items of a batch. */
  count: number;
}

/** A request that may be repeated, with what was learned of it on its way here. */
interface Repeatable {
  request: FastifyRequest;
  key: string;
  principal: Principal;
  draft: AuditDraft;
}

/**
 * `Idempotency-Key` on every POST that creates or changes (contract §5): the same call again gets the same answer, its
 * secret included, and changes nothing.
 *
 * It runs inside the transaction that the audit interceptor has opened, so the change, its event and the answer that is
 * kept are one. Only success is kept: what was refused or failed has changed nothing, and may be tried again with the
 * same key. Credential and scope were judged by the guard, for a repetition as for any call.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly answers: RememberedAnswers,
    private readonly hasher: SecretHasher,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const repeatable = repeatableIn(context.switchToHttp().getRequest<FastifyRequest>());
    if (repeatable === null) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const handle = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.once(repeatable, reply, handle));
  }

  private async once(
    call: Repeatable,
    reply: FastifyReply,
    handle: () => Promise<unknown>,
  ): Promise<unknown> {
    const { request, key, principal, draft } = call;
    const holder = {
      workspaceId: principal.workspace.id,
      environment: principal.environment,
      callerId: principal.id,
    };
    const seal = new AnswerSeal(this.hasher.answersKey, holder, key);
    // Before the pipe and the handler, which may change what they are given.
    const requestHash = seal.hashOf(textOf(request));
    await this.answers.claim(seal);
    const kept = await this.answers.find(seal, requestHash);
    if (kept !== null) return repeat(JSON.parse(kept) as KeptAnswer, reply, draft);
    const body = await handle();
    await this.answers.keep(seal, requestHash, JSON.stringify(keptOf(body, reply, draft)));
    return body;
  }
}

/** Null: the header is absent, or has no effect, since nothing is changed or nobody in particular is asking. */
function repeatableIn(request: FastifyRequest): Repeatable | null {
  const key = idempotencyKeyOf(request);
  const { principal, auditDraft: draft } = request;
  const { action, requires, commitsItself = false } = request.routeOptions.config.policy ?? {};
  // What a person does about their own account may set a cookie, which is never kept.
  if (commitsItself || requires === 'session') return null;
  if (key === null || principal === undefined || draft === undefined || action === undefined) return null;
  return AUDIT_ACTIONS[action].changes ? { request, key, principal, draft } : null;
}

/** The one text of the call: its route with its parameters, and all that it says. */
function textOf({ method, routeOptions, params, query, body }: FastifyRequest): string {
  return canonicalJson([method, routeOptions.url ?? '', params ?? {}, query ?? {}, body ?? {}]);
}

function keptOf(body: unknown, reply: FastifyReply, draft: AuditDraft): KeptAnswer {
  const [first = draft, ...more] = draft.items ?? [];
  return {
    status: reply.statusCode,
    body,
    target: more.length === 0 ? first.target : null,
    eventId: first.id,
    count: 1 + more.length,
  };
}

/** A decision of its own, whose event names what it repeats. */
function repeat(kept: KeptAnswer, reply: FastifyReply, draft: AuditDraft): unknown {
  draft.target = kept.target;
  draft.count = kept.count;
  draft.details = { replayed: true, replayed_event_id: kept.eventId };
  void reply.status(kept.status).header('idempotent-replayed', 'true');
  return kept.body;
}
