import type { Problem } from './problem.js';

/** What a refused or failed request is answered with: a body and its media type. */
export interface ProblemAnswer {
  contentType: string;
  body: Record<string, unknown>;
}

const TITLES: Partial<Record<Problem['code'], string>> = {
  invalid_request: 'Invalid request',
  credential_in_url: 'Credential in the URL',
  credential_in_body: 'Credential in the body',
  unknown_scope: 'Unknown scope',
};

/**
 * The body of an error (contract §3), as our own JSON or, if the caller prefers it, as RFC 9457.
 *
 * @param accept the request's `Accept` header.
 */
export function problemAnswer(
  problem: Problem,
  requestId: string,
  accept: string | undefined,
): ProblemAnswer {
  return accept?.toLowerCase().includes('application/problem+json') === true
    ? { contentType: 'application/problem+json; charset=utf-8', body: rfc9457(problem, requestId) }
    : { contentType: 'application/json; charset=utf-8', body: plain(problem, requestId) };
}

function plain(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    error: problem.code,
    message: problem.message,
    ...(problem.requiredScopes && { required_scopes: problem.requiredScopes }),
    ...(problem.details && { details: problem.details }),
    request_id: requestId,
  };
}

function rfc9457(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: `urn:tooken:problem:${problem.code}`,
    title: TITLES[problem.code] ?? sentence(problem.code),
    status: problem.status,
    detail: problem.message,
    instance: `urn:tooken:request:${requestId}`,
    code: problem.code,
    ...(problem.requiredScopes && { required_scopes: problem.requiredScopes }),
    ...(problem.details && { errors: problem.details }),
    request_id: requestId,
  };
}

/** `not_found` → `Not found`. */
function sentence(code: string): string {
  return `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('_', ' ')}`;
}
