import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shedOverload } from './app.overload.js';
import { leaveNothingToNode, rememberAnswer } from './app.unreadable.js';
import { AuditDraft } from './audit-log/audit-draft.js';
import { directHandler } from './direct-route.js';
import { Clock } from './platform/clock.js';
import { KnownRoutes } from './platform/context/known-routes.js';
import { plainAddress, plainUserAgent, requestId } from './platform/context/request-facts.js';
import { FORM_TYPE } from './platform/context/oauth-endpoint.decorator.js';
import { asProblem } from './platform/errors/as-problem.js';
import { problemAnswer } from './platform/errors/problem-body.js';
import { Problem } from './platform/errors/problem.js';
import { Metrics } from './platform/health/metrics.js';
import { readForm } from './platform/input/form.js';
import './platform/input/signed-body.decorator.js';
import { readJson } from './platform/input/strict-json.js';

/** Bodies up to here (contract §3). */
export const BODY_LIMIT = 64 * 1024;

/** How long the answers that are under way when the product stops may take. */
const LAST_ANSWERS_MS = 5_000;

/** What happens to every request before Nest sees it, and to every answer after. */
export function setUpHttp(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  const clock = app.get(Clock);
  const metrics = app.get(Metrics);
  const routes = app.get(KnownRoutes);
  acceptJsonAndForms(server);
  leaveNothingToNode(server.server);
  shedOverload(server, metrics);
  server.addHook('onRoute', (route) => {
    routes.add(route.url, route.method);
    route.handler = directHandler(app, route) ?? route.handler;
  });

  server.addHook('onRequest', (request, reply, done) => {
    const at = clock.now();
    rememberAnswer(reply.raw);
    const { url, config } = request.routeOptions;
    request.facts = {
      id: requestId(request.headers['x-request-id'], at),
      method: request.method,
      route: url ?? '',
      ip: plainAddress(request.ip, request.socket.remoteAddress),
      userAgent: plainUserAgent(request.headers['user-agent']),
    };
    if (config.policy?.action !== undefined) request.auditDraft = new AuditDraft(at);
    void reply.header('x-request-id', request.facts.id).header('x-content-type-options', 'nosniff');
    // Static files of the documentation may be kept; nothing else may.
    if (url?.startsWith('/docs') !== true) void reply.header('cache-control', 'no-store');
    const { httpVersion, headersDistinct } = request.raw;
    // RFC 9112 §3.2
    const isMeantForOneHost = httpVersion === '1.0' || headersDistinct.host?.length === 1;
    done(isMeantForOneHost ? undefined : Problem.invalid([{ field: 'Host', message: 'must be given once' }]));
  });

  server.addHook('preClose', (done) => {
    // Who has connected and sent no request yet, or half of one, must not hold up the end.
    setTimeout(() => {
      server.server.closeAllConnections();
    }, LAST_ANSWERS_MS).unref();
    done();
  });

  server.addHook('onResponse', (request, reply, done) => {
    const { auditDraft, method } = request;
    if (auditDraft?.recorded === false && reply.statusCode !== 503) metrics.auditMissing.inc();
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    metrics.answers.inc({ route, method, status: reply.statusCode });
    done();
  });
}

/** The router refuses a malformed URL before any hook runs; it is a path that does not exist like any other. */
export function answerMalformedUrl(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const id = requestId(request.headers['x-request-id'], Date.now());
  void reply
    .header('x-request-id', id)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store');
  const { contentType, body } = problemAnswer(Problem.notFound(), id, request.headers.accept);
  void reply.status(404).header('content-type', contentType).send(body);
}

/** One media type a route; what has another is refused before it is read. */
function acceptJsonAndForms(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const accept = (mediaType: string, read: (request: FastifyRequest, body: Buffer) => unknown): void => {
    server.addContentTypeParser<Buffer>(mediaType, { parseAs: 'buffer' }, (request, body, done) => {
      try {
        const wanted = mediaTypeOf(request);
        if (wanted !== mediaType) throw new Problem('unsupported_media_type', `The body must be ${wanted}`);
        if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
          throw new Problem('unsupported_media_type', 'The body must not have a Content-Encoding');
        }
        done(null, read(request, body));
      } catch (error) {
        done(error instanceof Error ? error : asProblem(error));
      }
    });
  };
  accept('application/json', (request, body) => {
    if (request.routeOptions.config.policy?.signedBody === true) {
      request.signedBytes = body;
      return undefined;
    }
    if (body.length === 0) return undefined;
    const { value, faults } = readJson(body);
    if (faults.length > 0) request.bodyFaults = faults;
    return value;
  });
  accept(FORM_TYPE, (_request, body) => readForm(body));
}

function mediaTypeOf(request: FastifyRequest): string {
  return request.routeOptions.config.policy?.oauth === true ? FORM_TYPE : 'application/json';
}
