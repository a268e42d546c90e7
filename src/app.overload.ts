import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { rememberAnswer } from './app.unreadable.js';
import { requestId } from './platform/context/request-facts.js';
import { Problem } from './platform/errors/problem.js';
import { problemAnswer } from './platform/errors/problem-body.js';
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
/**
 * How long a refusal is kept back, on average. Most callers send the next request when the last one is answered: told at
 * once, they would keep the product busy with refusing.
 */
const HOLD_MS = 1_000;
/** More are told at once. */
const MOST_HELD = 10_000;
/** What is decided and recorded; how the product fares can always be asked. */
const SHED = /^\/(?:v1|oauth)\//;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that is refused, and when it is told. */
interface Held {
  request: IncomingMessage;
  response: ServerResponse;
  due: number;
}

/**
 * Refuses with 503 and `Retry-After`, before anything else is done, what comes on top of what can be answered in time.
 * As with every 503, nothing was decided, so there is no event.
 */
export function shedOverload(
  fastify: FastifyInstance,
  metrics: Metrics,
  overload = new Overload(),
  holdMs = HOLD_MS,
): void {
  const { server } = fastify;
  const answer = server.listeners('request')[0] as Listener;
  const waiting = new WeakSet<ServerResponse>();
  let held: Held[] = [];
  let isClosing = false;
  const leave = (response: ServerResponse): void => {
    if (waiting.delete(response)) overload.leave();
  };
  const refuseThoseDue = (now: number): void => {
    const due = held.filter((each) => each.due <= now);
    held = held.filter((each) => each.due > now);
    for (const { request, response } of due) refuse(request, response);
  };

  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!overload.admits && SHED.test(request.url ?? '')) {
      metrics.shed.inc();
      // Its body is read and thrown away, so that the connection can be used again.
      request.resume();
      rememberAnswer(response);
      if (!isClosing && held.length < MOST_HELD) held.push({ request, response, due: dueAfter(holdMs) });
      else refuse(request, response);
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

  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    overload.tick((now - last) / 1000);
    last = now;
    refuseThoseDue(now);
  }, TICK_MS).unref();
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    refuseThoseDue(Infinity);
    done();
  });
  fastify.addHook('onClose', (_fastify, done) => {
    clearInterval(timer);
    done();
  });
}

/** Not all at once: they would come back as they went, and everybody else wait while a thousand are read. */
function dueAfter(holdMs: number): number {
  return performance.now() + holdMs * (0.5 + Math.random());
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
}
