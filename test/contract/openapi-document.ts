import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** The part of JSON Schema and OpenAPI that the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  example?: unknown;
  default?: unknown;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  description?: string;
  required?: boolean;
  schema: Schema;
}

export interface Header {
  description?: string;
  schema: Schema;
  example?: unknown;
}

interface Media {
  schema: Schema;
  example?: unknown;
}

export interface DocumentedResponse {
  description: string;
  headers: Record<string, Header>;
  content: Record<string, Media>;
}

interface RawResponse {
  $ref?: string;
  description?: string;
  headers?: Record<string, { $ref: string }>;
  content?: Record<string, Media>;
}

interface RawOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, Required<Media>> };
  responses: Record<string, RawResponse>;
  security: Record<string, string[]>[];
}

export interface OpenApi {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, RawOperation>>;
  components: {
    schemas: Record<string, Schema>;
    headers: Record<string, Header>;
    responses: Record<string, RawResponse>;
  };
}

/** The document that is committed. */
export const TEXT = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8');
export const DOCUMENT = JSON.parse(TEXT) as OpenApi;

/** One operation, with everything it refers to in its place. */
export interface Operation extends Omit<RawOperation, 'responses' | 'requestBody'> {
  method: string;
  /** With `{name}` for a segment. */
  path: string;
  body: { required: boolean; schema: Schema; example: unknown } | null;
  /** Whether the body is a form, as OAuth has it. */
  isForm: boolean;
  responses: Record<string, DocumentedResponse>;
  /** The status of success. */
  success: number;
}

export const OPERATIONS: Operation[] = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, { requestBody, responses, ...more }]) => ({
    ...more,
    method: method.toUpperCase(),
    path,
    body: requestBody ? { required: requestBody.required, ...Object.values(requestBody.content)[0]! } : null,
    isForm: requestBody !== undefined && !Object.hasOwn(requestBody.content, 'application/json'),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, withHeaders(resolveResponse(response))]),
    ),
    success: Number(Object.keys(responses).find((status) => status.startsWith('2'))),
  })),
);

/** Whose requests are signed by their sender, which no example can be; test/leaks/github.spec.ts asks it. */
const SIGNED = '/v1/leaks/github';

/** Those that anybody with a credential, or without, can ask. */
export const ASKABLE = OPERATIONS.filter(({ path }) => path !== SIGNED);

/** Those that need a credential and leave an event. */
export const GUARDED = OPERATIONS.filter(({ security }) => security.length > 0);

/** For `it.each`: the name of a test, and what it is about. */
export const named = (operations: readonly Operation[]): [string, Operation][] =>
  operations.map((operation) => [`${operation.method} ${operation.path}`, operation]);

function resolveResponse(response: RawResponse): RawResponse {
  if (response.$ref === undefined) return response;
  return DOCUMENT.components.responses[response.$ref.replace('#/components/responses/', '')]!;
}

function withHeaders({ description = '', headers = {}, content = {} }: RawResponse): DocumentedResponse {
  return {
    description,
    content,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, { $ref }]) => [
        name,
        DOCUMENT.components.headers[$ref.replace('#/components/headers/', '')]!,
      ]),
    ),
  };
}

export function resolve(schema: Schema): Schema {
  return schema.$ref === undefined
    ? schema
    : DOCUMENT.components.schemas[schema.$ref.replace('#/components/schemas/', '')]!;
}

export function mayBeNull({ type, anyOf = [] }: Schema): boolean {
  return [type].flat().includes('null') || anyOf.some(mayBeNull);
}

/** `2026-11-21T12:00:00.123Z` (contract §2): RFC 3339 allows more than our answers hold. */
const OUR_TIMES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addVocabulary(['example']);
ajv.addFormat('date-time', OUR_TIMES);
ajv.addFormat('uri', (text) => URL.canParse(text));
for (const words of [
  'scope',
  'cidr',
  'ip',
  'token-prefix',
  'audit-action',
  'email',
  'password',
  'imported-value',
])
  ajv.addFormat(words, true);
ajv.addSchema({ $id: 'document', $defs: forAjv(DOCUMENT.components.schemas) });

const compiled = new WeakMap<Schema, ValidateFunction>();

/** What speaks against a value; empty when it follows the schema and holds nothing that is not documented. */
export function faultsOf(schema: Schema, value: unknown): string[] {
  let validate = compiled.get(schema);
  if (validate === undefined) compiled.set(schema, (validate = ajv.compile(forAjv(schema) as Schema)));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** The same schema, but closed: an answer may hold what is documented and nothing else, at every depth. */
function forAjv(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forAjv);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => {
    if (key === '$ref') return [key, String(member).replace('#/components/schemas/', 'document#/$defs/')];
    return [key, key === 'example' || key === 'default' ? member : forAjv(member)];
  });
  const schema = Object.fromEntries(members) as Schema;
  const isOpen = typeof schema.properties === 'object' && schema.additionalProperties === undefined;
  return isOpen ? { ...schema, additionalProperties: false } : schema;
}
