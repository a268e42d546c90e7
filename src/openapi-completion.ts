import type { OpenAPIObject } from '@nestjs/swagger';
import { documentIdempotency, isOnlyStillRunning, STILL_RUNNING_EXAMPLE } from './openapi-idempotency.js';
import { IN_PATH } from './openapi-paths.js';
import {
  COMMON_PROBLEMS,
  forbiddenExample,
  HEADERS,
  headersOf,
  PROBLEM_SCHEMAS,
  problemResponse,
  type DocumentedResponse,
  type Json,
} from './openapi-problems.js';
import { FORM_TYPE } from './platform/context/oauth-endpoint.decorator.js';
import { Problem } from './platform/errors/problem.js';

interface Schema extends Json {
  $ref?: string;
  description?: string;
  format?: string;
  example?: unknown;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  minProperties?: number;
}

type Schemas = Record<string, Schema>;

interface Parameter {
  name: string;
  in: string;
  schema: Schema;
  [key: string]: unknown;
}

interface Operation {
  summary?: string;
  description?: string;
  parameters: Parameter[];
  requestBody?: {
    required?: boolean;
    description?: string;
    content: Record<string, { schema: Schema; example?: unknown } | undefined>;
  };
  responses: Record<string, DocumentedResponse>;
  security?: Record<string, string[]>[];
}

/**
 * Adds what holds for every operation, so that no controller has to repeat it: the shape of errors, the errors any
 * request can end in, the headers of every answer, that unknown fields are refused, and an example of every body.
 */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const components = (document.components ??= {});
  const schemas = (components.schemas ??= {}) as Schemas;
  Object.assign(schemas, PROBLEM_SCHEMAS);
  components.headers = HEADERS;
  components.responses = Object.fromEntries(
    Object.entries(COMMON_PROBLEMS).map(([status, description]) => [
      `Error${status}`,
      problemResponse(Number(status), description),
    ]),
  ) as never;
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries<Operation>(operations as never)) {
      partSummary(operation);
      documentIdempotency(method, operation);
      describeParameters(path, operation);
      describeBody(operation, schemas);
      // A route that requires nothing is open, and says so.
      operation.security ??= [];
      if (path.startsWith('/v1/')) {
        if (operation.security.length === 0 && method !== 'get')
          operation.responses['403'] ??= { description: FROM_ELSEWHERE };
        addProblems(path, operation);
      } else if (path.startsWith('/oauth/')) {
        // OAuth's clients are programs; people use the API.
        operation.security = operation.security.filter((scheme) => !('session' in scheme));
        addOAuthProblems(operation);
      }
      describeResponses(operation, schemas);
    }
  }
  return withPublicNames(document);
}

/** A comment's first clause is the summary; what else it says is the description. */
function partSummary(operation: Operation): void {
  const { summary = '' } = operation;
  const end = /[.;](?: |$)/.exec(summary)?.index ?? summary.length;
  operation.summary = summary.slice(0, end);
  const rest = summary.slice(end + 2);
  if (rest !== '') operation.description = rest.charAt(0).toUpperCase() + rest.slice(1);
}

function describeParameters(path: string, operation: Operation): void {
  for (const parameter of operation.parameters) {
    const upTo = path.indexOf(`{${parameter.name}}`) + parameter.name.length + 2;
    if (parameter.in === 'path') Object.assign(parameter, IN_PATH[path.slice(0, upTo)]);
    // `a=1&a=2`: the default, said for those who do not know it by heart.
    if (parameter.schema.type === 'array') Object.assign(parameter, { style: 'form', explode: true });
  }
}

function describeBody({ requestBody }: Operation, schemas: Schemas): void {
  const { 'application/json': json, [FORM_TYPE]: form } = requestBody?.content ?? {};
  const body = json ?? form;
  if (requestBody === undefined || body === undefined) return;
  const schema = resolved(body.schema, schemas);
  for (const name of NEVER_EMPTY) if (schemas[name] !== undefined) schemas[name].minProperties = 1;
  // Of a form OAuth has us ignore what we do not know.
  if (form === undefined) close(schema, schemas);
  requestBody.required =
    schema.type === 'array' || schema.minProperties !== undefined || (schema.required ?? []).length > 0;
  body.example = exampleOf(schema, schemas);
}

/** Of these each field may be left out, but not all of them. */
const NEVER_EMPTY = ['RevokeTokensDto', 'RevokeFilterDto', 'ConfirmDto'];

function resolved(schema: Schema, schemas: Schemas): Schema {
  // Beside a description of its own a reference is still wrapped.
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return reference === undefined ? schema : (schemas[reference.split('/').at(-1) ?? ''] ?? schema);
}

/** Request bodies take the fields they name and no others, at every depth. */
function close(schema: Schema, schemas: Schemas): void {
  if (schema.properties === undefined || schema.additionalProperties !== undefined) return;
  schema.additionalProperties = false;
  for (const property of Object.values(schema.properties)) {
    const { items = property, anyOf = [] } = property;
    for (const inner of [items, ...anyOf]) close(resolved(inner, schemas), schemas);
  }
}

/** A body made of its fields' examples, but for moments: one day they would lie in the past, and be refused. */
function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const { example, items, properties, format } = resolved(schema, schemas);
  if (format === 'date-time') return undefined;
  if (example !== undefined) return example;
  if (items !== undefined) return [exampleOf(items, schemas)];
  if (properties === undefined) return undefined;
  const fields = Object.entries(properties).map(([name, field]) => [name, exampleOf(field, schemas)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

/** Of what anybody may ask, with a browser too. */
const FROM_ELSEWHERE = 'The request was sent by a page of another site';

function addProblems(path: string, operation: Operation): void {
  const ofBody = operation.requestBody === undefined ? [] : [413, 415];
  const ofAny = [400, ...ofBody, 429, 500, 503];
  for (const status of ofAny) operation.responses[status] = {};
  for (const [status, { description = '' }] of Object.entries(operation.responses)) {
    const code = Number(status);
    if (code in COMMON_PROBLEMS) {
      operation.responses[status] = { $ref: `#/components/responses/Error${status}` };
    } else if (code === 403) {
      const scopes = operation.security?.flatMap(({ bearer = [] }) => bearer) ?? [];
      operation.responses[status] = problemResponse(code, description, forbiddenExample(scopes));
    } else if (code === 409 && path === '/v1/scopes') {
      const example = new Problem('conflict', 'A scope of this name exists');
      operation.responses[status] = problemResponse(code, description, example);
    } else if (code === 409 && isOnlyStillRunning(description)) {
      operation.responses[status] = problemResponse(code, description, STILL_RUNNING_EXAMPLE);
    } else if (code >= 400) operation.responses[status] = problemResponse(code, description);
  }
}

/** The same errors in the shape that OAuth's clients read. */
function addOAuthProblems(operation: Operation): void {
  operation.responses = { 400: {}, 413: {}, 415: {}, 429: {}, 500: {}, 503: {}, ...operation.responses };
  for (const [status, { description = '' }] of Object.entries(operation.responses)) {
    const code = Number(status);
    if (code < 400) continue;
    const { [code]: common = description }: Partial<Record<number, string>> = COMMON_PROBLEMS;
    const words = code === 415 ? `The body is not ${FORM_TYPE}.` : common;
    const scopes = operation.security?.flatMap(({ bearer = [] }) => bearer) ?? [];
    const example = code === 403 ? forbiddenExample(scopes) : undefined;
    operation.responses[status] = problemResponse(code, words, example, true);
  }
}

function describeResponses({ responses }: Operation, schemas: Schemas): void {
  for (const [status, response] of Object.entries(responses)) {
    const code = Number(status);
    if (response.$ref !== undefined || Number.isNaN(code)) continue;
    response.headers ??= headersOf(code);
    if (code >= 400) responses[status] = { ...problemResponse(code, ''), ...response };
    const { schema } = (response.content?.['application/json'] ?? {}) as { schema?: Schema };
    if (response.description === '' && schema !== undefined) {
      response.description = resolved(schema, schemas).description ?? '';
    }
  }
  for (const response of Object.values(responses)) {
    if (response.description !== undefined)
      response.description = response.description.replace(/(\w)$/, '$1.');
  }
}

/** Our classes are called `…Dto`; who reads the document, or code generated from it, need not know. */
function withPublicNames(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document, withPlainReferences);
  const renamed = JSON.parse(text.replaceAll(/(#\/components\/schemas\/\w+?)Dto"/g, '$1"')) as OpenAPIObject;
  const schemas = Object.entries(renamed.components?.schemas ?? {});
  renamed.components!.schemas = Object.fromEntries(
    schemas.map(([name, schema]) => [name.replace(/Dto$/, ''), schema]),
  );
  return renamed;
}

/** OpenAPI 3.0 could not say anything beside a reference, so it is wrapped; 3.1 can. */
function withPlainReferences(_key: string, value: unknown): unknown {
  const { allOf, ...more } = (value ?? {}) as { allOf?: Json[] };
  return allOf?.length === 1 ? { ...allOf[0], ...more } : value;
}
