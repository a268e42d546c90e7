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

/** Our codes in the words of OAuth, where it has one: RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1. */
export const OAUTH_CODES: Partial<Record<Problem['code'], string>> = {
  credential_in_url: 'invalid_request',
  credential_in_body: 'invalid_request',
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  unauthorized: 'invalid_client',
  forbidden: 'insufficient_scope',
  internal: 'server_error',
  unavailable: 'temporarily_unavailable',
};

/**
 * The body of an error (contract §3), as our own JSON or, if the caller prefers it, as RFC 9457.
 *
 * @param accept the request's `Accept` header.
 * @param isOAuth whether the route speaks as RFC 6749 does: then ours is the error of its §5.2 as well.
 */
export function problemAnswer(
  problem: Problem,
  requestId: string,
  accept: string | undefined,
  isOAuth = false,
): ProblemAnswer {
  if (accept?.toLowerCase().includes('application/problem+json') === true) {
    return { contentType: 'application/problem+json; charset=utf-8', body: rfc9457(problem, requestId) };
  }
  const body = plain(problem, requestId);
  return {
    contentType: 'application/json; charset=utf-8',
    body: isOAuth ? { ...body, ...rfc6749(problem) } : body,
  };
}

function rfc6749({ code, message, details = [] }: Problem): Record<string, unknown> {
  const [first] = details;
  const description = first === undefined ? message : `${first.field || 'the body'} ${first.message}`;
  return {
    error: OAUTH_CODES[code] ?? code,
    // The characters that §5.2 leaves.
    error_description: description.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'"),
  };
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
