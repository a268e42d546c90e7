import type { FastifyRequest } from 'fastify';
import { validateQuery, type RawQuery } from '../platform/input/query.js';
import { validateBody } from '../platform/input/validate.js';

/** What is asked of a query string or a body that no handler asks for. */
class Nothing {}

/**
 * Unknown fields are refused, never ignored (contract §2): also by handlers that ask for no query or no body at
 * all, whose pipes therefore never see one.
 *
 * @throws Problem `invalid_request`.
 */
export function refuseUndeclaredInput({ routeOptions, query, body }: FastifyRequest): void {
  const takes = routeOptions.config.policy?.takes;
  if (takes?.query === false && hasAny(query as RawQuery)) validateQuery(Nothing, query as RawQuery);
  if (takes?.body === false && body !== undefined) validateBody(Nothing, body);
}

function hasAny(query: RawQuery): boolean {
  for (const _name in query) return true;
  return false;
}
