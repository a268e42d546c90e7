import type { OpenAPIObject } from '@nestjs/swagger';
import { STATUS_OF, type ProblemCode } from './platform/errors/problem.js';

type Json = Record<string, unknown>;

interface Operation {
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  responses: Record<string, Response>;
  security?: unknown[];
}

interface Response {
  description?: string;
  content?: Json;
  headers?: Json;
  $ref?: string;
}

/**
 * Adds what holds for every operation, so that no controller has to repeat it: the shape of errors, the errors any
 * request can end in, the headers of every answer, and that unknown fields are refused.
 */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const components = (document.components ??= {});
  const schemas = (components.schemas ??= {}) as Record<string, Json>;
  Object.assign(schemas, PROBLEM_SCHEMAS);
  components.headers = HEADERS;
  components.responses = Object.fromEntries(
    Object.entries(COMMON).map(([status, description]) => [
      `Error${status}`,
      problem(Number(status), description),
    ]),
  ) as never;
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of operationsOf(operations)) {
      if (path.startsWith('/v1/')) complete(operation, schemas);
      else operation.security = [];
    }
  }
  return document;
}

function operationsOf(path: object): Operation[] {
  return Object.values<unknown>(path as Record<string, unknown>) as Operation[];
}

function complete(operation: Operation, schemas: Record<string, Json>): void {
  const { requestBody } = operation;
  if (requestBody !== undefined) close(schemas, requestBody.content['application/json']?.schema.$ref);
  const anyRequest = requestBody === undefined ? [400, 500, 503] : [400, 413, 415, 500, 503];
  for (const status of anyRequest) operation.responses[status] = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    const code = Number(status);
    if (code in COMMON) operation.responses[status] = { $ref: `#/components/responses/Error${status}` };
    else if (code >= 400) operation.responses[status] = problem(code, response.description ?? '');
    else response.headers = headersOf(code);
  }
}

/** Request bodies take the fields they name and no others, at every depth. */
function close(schemas: Record<string, Json>, ref: string | undefined): void {
  const schema = ref === undefined ? undefined : schemas[ref.split('/').at(-1) ?? ''];
  if (schema === undefined || schema.additionalProperties !== undefined) return;
  schema.additionalProperties = false;
  for (const property of Object.values((schema.properties ?? {}) as Record<string, Json>)) {
    close(schemas, (property.$ref ?? (property.items as Json | undefined)?.$ref) as string | undefined);
  }
}

const text = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string' },
  example,
});

const HEADERS: Record<string, Json> = {
  'X-Request-Id': text(
    "The caller's, if it matches [A-Za-z0-9_-]{1,64}, else a new one; the request.id of the audit event",
    'req_01k2qj6m4xf3v9n0e7w8r5t2ya',
  ),
  'Cache-Control': text('Always no-store', 'no-store'),
  'WWW-Authenticate': text('RFC 6750 §3', 'Bearer error="insufficient_scope", scope="tokens:write"'),
  'Retry-After': text('Seconds', '1'),
};

const HEADERS_OF: Record<number, string> = {
  401: 'WWW-Authenticate',
  403: 'WWW-Authenticate',
  503: 'Retry-After',
};

function headersOf(status: number): Json {
  const names = ['X-Request-Id', 'Cache-Control', HEADERS_OF[status]].filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** What many operations can end in; the others describe their own. */
const COMMON: Record<number, string> = {
  400: 'The request has faults; all of them are listed',
  401: 'The credential is missing, malformed, unknown, ended or expired: the same answer for all',
  404: "No such resource, or another workspace's or environment's: the same answer",
  413: 'The body is larger than 64 KiB',
  415: 'The body is not application/json',
  500: 'Something unforeseen, and no more than that',
  503: 'The decision cannot be recorded at the moment, so nothing was decided',
};

const REQUEST_ID = 'req_01k2qj6m4xf3v9n0e7w8r5t2ya';
const FAULT = { field: 'expires_at', message: 'must be in the future' };

/** An example for each status a documented operation can end in. */
const EXAMPLES: Record<number, [ProblemCode, string, Json?]> = {
  400: ['invalid_request', 'The request has faults: see details', { details: [FAULT] }],
  401: ['unauthorized', 'Invalid or missing API key'],
  403: ['forbidden', 'The token lacks the scope tokens:write', { required_scopes: ['tokens:write'] }],
  404: ['not_found', 'No such resource'],
  409: ['conflict', 'The token is revoked, and that is final'],
  413: ['payload_too_large', 'The body is larger than 64 KiB'],
  415: ['unsupported_media_type', 'The body must be application/json'],
  500: ['internal', 'Something went wrong on our side'],
  503: ['unavailable', 'The service cannot record decisions at the moment; try again shortly'],
};

function problem(status: number, description: string): Response {
  const [code, message, more = {}] = EXAMPLES[status] ?? ['internal', ''];
  return {
    description,
    headers: headersOf(status),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: { error: code, message, ...more, request_id: REQUEST_ID },
      },
      'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } },
    },
  };
}

const CODES = Object.keys(STATUS_OF);
const FAULTS = {
  type: 'array',
  description: 'Every fault at once, with its path',
  items: { $ref: '#/components/schemas/Fault' },
};
const REQUIRED_SCOPES = {
  type: 'array',
  description: 'Only with `forbidden`: the scopes that would have sufficed; empty when none would',
  items: { type: 'string' },
};

const PROBLEM_SCHEMAS: Record<string, Json> = {
  Fault: {
    type: 'object',
    required: ['field', 'message'],
    properties: {
      field: {
        type: 'string',
        description: 'Path of the field; empty for the body as a whole',
        example: 'scopes[0]',
      },
      message: { type: 'string', example: FAULT.message },
    },
  },
  Problem: {
    type: 'object',
    required: ['error', 'message', 'request_id'],
    properties: {
      error: { type: 'string', enum: CODES, example: 'invalid_request' },
      message: { type: 'string', example: 'The request has faults: see details' },
      required_scopes: REQUIRED_SCOPES,
      details: FAULTS,
      request_id: { type: 'string', example: REQUEST_ID },
    },
  },
  ProblemDetails: {
    type: 'object',
    description: 'RFC 9457, for callers who accept application/problem+json',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
    properties: {
      type: { type: 'string', format: 'uri', example: 'urn:tooken:problem:invalid_request' },
      title: { type: 'string', example: 'Invalid request' },
      status: { type: 'integer', example: 400 },
      detail: { type: 'string', example: 'The request has faults: see details' },
      instance: { type: 'string', format: 'uri', example: `urn:tooken:request:${REQUEST_ID}` },
      code: { type: 'string', enum: CODES, example: 'invalid_request' },
      required_scopes: REQUIRED_SCOPES,
      errors: FAULTS,
      request_id: { type: 'string', example: REQUEST_ID },
    },
  },
};
