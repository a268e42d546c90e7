import { OAUTH_CODES, problemAnswer } from './platform/errors/problem-body.js';
import { Problem, STATUS_OF } from './platform/errors/problem.js';

export type Json = Record<string, unknown>;

export interface DocumentedResponse {
  description?: string;
  content?: Json;
  headers?: Json;
  $ref?: string;
}

const REQUEST_ID = 'req_01k2qj6m4xf3v9n0e7w8r5t2ya';
const FAULT = { field: 'scopes[0]', message: 'must be a string of 1 to 128 characters' };

/** What many operations can end in; the others describe their own. */
export const COMMON_PROBLEMS: Record<number, string> = {
  400: 'The request has faults; all of them are listed.',
  401: 'The credential is missing, malformed, unknown, ended or expired: the same answer for all.',
  404: "No such resource, or another workspace's or environment's: the same answer.",
  413: 'The body is larger than 64 KiB.',
  415: 'The body is not application/json.',
  422: 'The `Idempotency-Key` was used for another request within the last 24 hours.',
  429: 'Too many requests from this address were refused within a minute; only what is refused is answered so.',
  500: 'Something unforeseen, and no more than that.',
  503: 'The decision cannot be recorded at the moment, so nothing was decided.',
};

/** An error that an operation can end in, with its two shapes and an example of each. */
export function problemResponse(
  status: number,
  description: string,
  example = exampleOf(status),
  isOAuth = false,
): DocumentedResponse {
  const shape = (name: string, accept: string): Json => ({
    schema: { $ref: `#/components/schemas/${name}` },
    example: problemAnswer(example, REQUEST_ID, accept, isOAuth).body,
  });
  return {
    description,
    headers: headersOf(status),
    content: {
      'application/json': shape(isOAuth ? 'OAuthProblem' : 'Problem', 'application/json'),
      'application/problem+json': shape('ProblemDetails', 'application/problem+json'),
    },
  };
}

/** The refusal of a token that lacks these scopes; of any token at all, if there are none that would do. */
export function forbiddenExample(scopes: string[]): Problem {
  return Problem.forbidden(
    scopes.length > 0
      ? `The token lacks the scope ${scopes.join(' ')}`
      : 'A token cannot do this; use an API key',
    scopes,
  );
}

function exampleOf(status: number): Problem {
  switch (status) {
    case 400:
      return Problem.invalid([FAULT]);
    case 401:
      return new Problem('unauthorized', 'Invalid or missing API key');
    case 403:
      return forbiddenExample(['tokens:write']);
    case 404:
      return Problem.notFound();
    case 409:
      return new Problem('conflict', 'The token is revoked, and that is final');
    case 413:
      return new Problem('payload_too_large', 'The body is larger than 64 KiB');
    case 415:
      return new Problem('unsupported_media_type', 'The body must be application/json');
    case 422:
      return new Problem('idempotency_mismatch', 'The Idempotency-Key was used for another request');
    case 429:
      return new Problem('rate_limited', 'Too many refused requests; wait before you try again');
    case 500:
      return new Problem('internal', 'Something went wrong on our side');
    case 503:
      return new Problem(
        'unavailable',
        'The service cannot record decisions at the moment; try again shortly',
      );
    default:
      throw new Error(
        `An operation documents the status ${String(status)}, of which there is no example here`,
      );
  }
}

const text = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string' },
  example,
});

export const HEADERS: Record<string, Json> = {
  RequestId: text(
    "The caller's, if it matches `[A-Za-z0-9_-]{1,64}`, else a new one; the `request.id` of the audit event.",
    REQUEST_ID,
  ),
  CacheControl: text('Always `no-store`.', 'no-store'),
  Unauthorized: text(
    'RFC 6750 §3; without `error` when no credential was sent.',
    'Bearer realm="tooken", error="invalid_token"',
  ),
  Forbidden: text(
    'RFC 6750 §3; without `scope` when no scope would suffice.',
    'Bearer error="insufficient_scope", scope="tokens:write"',
  ),
  RetryAfter: { description: 'In seconds.', schema: { type: 'integer', minimum: 1 }, example: 1 },
};

const HEADERS_OF: Record<number, [name: string, component: string]> = {
  401: ['WWW-Authenticate', 'Unauthorized'],
  403: ['WWW-Authenticate', 'Forbidden'],
  429: ['Retry-After', 'RetryAfter'],
  503: ['Retry-After', 'RetryAfter'],
};

/** What every answer of this status has. */
export function headersOf(status: number): Json {
  const special = HEADERS_OF[status];
  const names = [
    ['X-Request-Id', 'RequestId'],
    ['Cache-Control', 'CacheControl'],
    ...(special ? [special] : []),
  ];
  return Object.fromEntries(
    names.map(([name, component]): [string, Json] => [
      String(name),
      { $ref: `#/components/headers/${String(component)}` },
    ]),
  );
}

const CODES = Object.keys(STATUS_OF) as (keyof typeof STATUS_OF)[];
const CODE = { type: 'string', description: 'For programs.', enum: CODES };
const WORDS = { type: 'string', description: 'For people; its wording may change.' };
const REQUEST = { type: 'string', description: '`X-Request-Id` of the answer.', example: REQUEST_ID };
const FAULTS = {
  type: 'array',
  description: 'Only with 400: every fault at once, with its path.',
  items: { $ref: '#/components/schemas/Fault' },
};
const REQUIRED_SCOPES = {
  type: 'array',
  description: 'Only with `forbidden`: the scopes that would have sufficed; empty when none would.',
  items: { type: 'string' },
  example: ['tokens:write'],
};

export const PROBLEM_SCHEMAS: Record<string, Json> = {
  Fault: {
    type: 'object',
    description: 'One thing that is wrong with a request.',
    required: ['field', 'message'],
    properties: {
      field: {
        type: 'string',
        description: 'Path of the field; empty for the body as a whole.',
        example: FAULT.field,
      },
      message: { type: 'string', description: 'What is wrong with it.', example: FAULT.message },
    },
  },
  Problem: {
    type: 'object',
    description: 'What every error is answered with.',
    required: ['error', 'message', 'request_id'],
    properties: {
      error: { ...CODE, example: 'invalid_request' },
      message: { ...WORDS, example: 'The request has faults: see details' },
      required_scopes: REQUIRED_SCOPES,
      details: FAULTS,
      request_id: REQUEST,
    },
  },
  OAuthProblem: {
    type: 'object',
    description: 'What every error below /oauth is answered with: that of RFC 6749 §5.2, and ours beside it.',
    required: ['error', 'error_description', 'message', 'request_id'],
    properties: {
      error: {
        type: 'string',
        description: 'For programs.',
        enum: [...new Set(CODES.map((code) => OAUTH_CODES[code] ?? code))],
        example: 'invalid_request',
      },
      error_description: {
        type: 'string',
        description: 'For people, in the characters that OAuth allows; its wording may change.',
        example: 'token is required',
      },
      message: { ...WORDS, example: 'The request has faults: see details' },
      required_scopes: REQUIRED_SCOPES,
      details: FAULTS,
      request_id: REQUEST,
    },
  },
  ProblemDetails: {
    type: 'object',
    description: 'The same as RFC 9457 has it, for callers who accept `application/problem+json`.',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
    properties: {
      type: {
        type: 'string',
        format: 'uri',
        description: 'The code as a URN.',
        example: 'urn:tooken:problem:invalid_request',
      },
      title: { type: 'string', description: 'The code in words.', example: 'Invalid request' },
      status: {
        type: 'integer',
        description: 'Of the answer.',
        minimum: 400,
        maximum: 599,
        example: 400,
      },
      detail: { ...WORDS, example: 'The request has faults: see details' },
      instance: {
        type: 'string',
        format: 'uri',
        description: 'The request as a URN.',
        example: `urn:tooken:request:${REQUEST_ID}`,
      },
      code: { ...CODE, example: 'invalid_request' },
      required_scopes: REQUIRED_SCOPES,
      errors: FAULTS,
      request_id: REQUEST,
    },
  },
};
