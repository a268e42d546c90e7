import type { FastifyReply, FastifyRequest } from 'fastify';

/** The answer as JSON, or only its one line of business for a caller who accepts `text/plain` and not JSON. */
export function inWantedForm<Answer extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  field: keyof Answer & string,
): Answer | string {
  const accept = request.headers.accept ?? '';
  if (!accept.includes('text/plain') || accept.includes('json')) return answer;
  void reply.header('content-type', 'text/plain; charset=utf-8');
  const text = String(answer[field]);
  return text.endsWith('\n') ? text : `${text}\n`;
}
