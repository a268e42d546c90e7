import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemAnswer } from './platform/errors/problem-body.js';
import { Problem } from './platform/errors/problem.js';
import { newHandle } from './platform/ids.js';

/** The latest answer of each connection. */
const answers = new WeakMap<Duplex, ServerResponse>();

/** Called for every request that could be read, so that what follows it on its connection can wait for its answer. */
export function rememberAnswer(answer: ServerResponse): void {
  answers.set(answer.req.socket, answer);
}

/** What Node's parser cannot read has no route, so no event either; the answer has the contract's shape all the same. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const answer = answers.get(socket);
  if (answer?.writableFinished === false) {
    endAfter(answer, error);
    return;
  }
  const id = newHandle('req', Date.now());
  const problem = Problem.invalid([{ field: '', message: 'is not an HTTP request that can be read' }]);
  const { contentType, body } = problemAnswer(problem, id, undefined);
  const text = JSON.stringify(body);
  socket.end(
    [
      'HTTP/1.1 400 Bad Request',
      `X-Request-Id: ${id}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      `Content-Type: ${contentType}`,
      `Content-Length: ${String(Buffer.byteLength(text))}`,
      '',
      text,
    ].join('\r\n'),
  );
}

/** A request that had begun before is decided, and recorded, all the same; then the connection ends. */
function endAfter(answer: ServerResponse, error: Error): void {
  if (answer.headersSent) {
    answer.destroy();
    return;
  }
  answer.setHeader('connection', 'close');
  const { req } = answer;
  // Whoever reads its body waits for an end that will not come.
  if (!req.complete && req.listenerCount('error') > 0) req.emit('error', error);
}

/** What Node would drop unseen or answer in words of its own is decided, and recorded, like any other request. */
export function leaveNothingToNode(http: Server): void {
  // Of more than 2000 headers Node hides the rest, which may hold a second credential; 16 KiB are the limit anyway.
  http.maxHeadersCount = 0;
  Object.assign(http, { requireHostHeader: false });
  http.on('checkExpectation', (request, response) => http.emit('request', request, response));
  http.on('connect', (_request, socket) => {
    answerUnreadable(new Error('CONNECT'), socket);
  });
}
