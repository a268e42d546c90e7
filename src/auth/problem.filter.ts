import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditOutcome } from '../audit-log/audit-actions.js';
import { AuditRecorder } from '../audit-log/audit-recorder.js';
import { auditRows } from '../audit-log/audit-row.js';
import { Floods } from '../audit-log/floods/floods.js';
import { FORM_TYPE } from '../platform/context/oauth-endpoint.decorator.js';
import { KnownRoutes } from '../platform/context/known-routes.js';
import { asProblem } from '../platform/errors/as-problem.js';
import { problemAnswer } from '../platform/errors/problem-body.js';
import { Problem } from '../platform/errors/problem.js';
import { unavailable } from '../platform/database/unavailable.js';
import { AuthGuard } from './auth.guard.js';

/**
 * The one way out for whatever was refused or failed: records its event first, then answers with a Problem. If
 * the event cannot be written, the answer is 503 instead.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(
    private readonly recorder: AuditRecorder,
    private readonly floods: Floods,
    private readonly guard: AuthGuard,
    private readonly routes: KnownRoutes,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    let problem = request.is404
      ? this.unknownRoute(request)
      : asProblem(error, isOAuth(request) ? FORM_TYPE : undefined);
    try {
      problem = await this.afterAdmission(request, problem);
      problem = await this.record(request, problem);
    } catch (cause) {
      problem = unavailable(cause);
    }
    this.log(problem, request);
    if (!reply.sent) answer(reply, request, problem);
  }

  private unknownRoute(request: FastifyRequest): Problem {
    const methods = this.routes.methodsOf(request.url.split('?', 1)[0] ?? '');
    // With the right method the path itself was refused, as one with too long a parameter is.
    if (methods.length === 0 || methods.includes(request.method)) return Problem.notFound();
    const allow = methods.join(', ');
    return new Problem('method_not_allowed', `This path answers ${allow}`, { headers: { allow } });
  }

  /** A body that could not be read never came to the guard; who sent it is decided first all the same. */
  private async afterAdmission(request: FastifyRequest, problem: Problem): Promise<Problem> {
    const policy = request.routeOptions.config.policy;
    const isDecided = policy?.requires === undefined && policy?.admitsClients !== true;
    if (isDecided || request.guarded === true) return problem;
    try {
      await this.guard.enter(request);
      return problem;
    } catch (refusal) {
      return asProblem(refusal);
    }
  }

  /** @returns what to answer: the problem itself, unless it is one of a flood. */
  private async record(request: FastifyRequest, problem: Problem): Promise<Problem> {
    const { auditDraft: draft, facts, principal } = request;
    const action = request.routeOptions.config.policy?.action;
    if (draft === undefined || facts === undefined || action === undefined) return problem;
    const { status, code } = problem;
    const outcome = outcomeOf(problem, principal !== undefined, draft.outcome);
    const excess =
      outcome === 'denied'
        ? await this.floods.refuse({ code, caller: principal?.id ?? null, action, request: facts, draft })
        : null;
    if (excess === null) {
      await this.recorder.record(auditRows(action, facts, draft, { status, outcome, reason: code }));
    }
    draft.recorded = true;
    return excess ?? problem;
  }

  private log(problem: Problem, request: FastifyRequest): void {
    if (problem.status < 500) return;
    const { id, method, route } = request.facts ?? {};
    this.logger.error({ requestId: id, method, route, err: problem.cause }, problem.code);
  }
}

/** `denied` when authentication or authorisation refused; `failure` when a valid caller could not be served. */
function outcomeOf(problem: Problem, isKnown: boolean, decided: AuditOutcome | null): AuditOutcome {
  // Who looked at a presented token knows that this 400 refuses it.
  if (problem.status < 500 && decided !== null) return decided;
  if ([401, 403, 429].includes(problem.status)) return 'denied';
  return isKnown || problem.status >= 500 ? 'failure' : 'denied';
}

function answer(reply: FastifyReply, request: FastifyRequest, problem: Problem): void {
  const id = request.facts?.id ?? '';
  const { contentType, body } = problemAnswer(problem, id, request.headers.accept, isOAuth(request));
  // What was not committed has made no session.
  void reply.removeHeader('set-cookie');
  void reply.status(problem.status).headers(problem.headers).header('content-type', contentType).send(body);
}

function isOAuth(request: FastifyRequest): boolean {
  return request.routeOptions.config.policy?.oauth === true;
}
