import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { requestId } from './platform/context/request-facts.js';
import { problemAnswer } from './platform/errors/problem-body.js';
import { Problem } from './platform/errors/problem.js';
import type { Metrics } from './platform/health/metrics.js';
import { Overload } from './platform/health/overload.js';

const TOO_MUCH = new Problem(
  'unavailable',
  'More is asked than can be answered at the moment; try again shortly',
  {
    headers: { 'retry-after': '1' },
  },
);
const TICK_MS = 100;
/** What is decided and recorded; how the product fares can always be asked. */
const SHED = /^\/(?:v1|oauth)\//;

/**
 * Refuses with 503 and `Retry-After`, before anything else is done, what comes on top of what can be answered in time.
 * As with every 503, nothing was decided, so there is no event.
 */
export function shedOverload(fastify: FastifyInstance, metrics: Metrics, overload = new Overload()): void {
  const { server } = fastify;
  const answer = server.listeners('request')[0] as (
    request: IncomingMessage,
    response: ServerResponse,
  ) => void;
  const waiting = new WeakSet<ServerResponse>();
  const leave = (response: ServerResponse): void => {
    if (waiting.delete(response)) overload.leave();
  };
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!overload.admits && SHED.test(request.url ?? '')) {
      metrics.shed.inc();
      refuse(request, response);
      return;
    }
    overload.enter();
    waiting.add(response);
    response.once('close', () => {
      leave(response);
    });
    answer(request, response);
  });
  // A tail or an export is no queue, however long it lasts.
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (payload instanceof Readable) leave(reply.raw);
    done();
  });
  tick(server, overload);
}

function tick(server: Server, overload: Overload): void {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    overload.tick((now - last) / 1000);
    last = now;
  }, TICK_MS).unref();
  server.once('close', () => {
    clearInterval(timer);
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const id = requestId(request.headers['x-request-id'], Date.now());
  const { contentType, body } = problemAnswer(TOO_MUCH, id, request.headers.accept);
  response.writeHead(TOO_MUCH.status, {
    ...TOO_MUCH.headers,
    'x-request-id': id,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-type': contentType,
  });
  response.end(JSON.stringify(body));
  // What is left of its body is read and thrown away, so that the connection can be used again.
  request.resume();
}
