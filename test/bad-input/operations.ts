import { readFileSync } from 'node:fs';

/** The part of JSON Schema that the document uses for what comes in. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
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
  /** Of an object with fields of its own that may be null. */
  anyOf?: Schema[];
  example?: unknown;
  default?: unknown;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Schema;
}

/** One operation of the API, as the document has it. */
export interface Operation {
  method: string;
  /** With `{name}` for a segment. */
  path: string;
  query: Parameter[];
  /** Of the body; null: it takes none. */
  body: Schema | null;
  /** For people who are signed in, for whoever has a credential, or for anybody. */
  callers: 'people' | 'credentials' | 'anybody';
}

/** Its body follows the document of its sender, who signs it: test/leaks/github.spec.ts. */
const SIGNED = '/v1/leaks/github';

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: Parameter[];
        requestBody?: { content: Record<string, { schema: Schema }> };
        security: Record<string, string[]>[];
      }
    >
  >;
  components: { schemas: Record<string, Schema> };
}

const document = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as Document;

/** Every operation that leaves an event and takes JSON; those of OAuth take forms, by rules of their own. */
export const OPERATIONS: Operation[] = Object.entries(document.paths)
  .filter(([path]) => path.startsWith('/v1/') && path !== SIGNED)
  .flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody, security }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((parameter) => parameter.in === 'query'),
      body: requestBody?.content['application/json']?.schema ?? null,
      callers: callersOf(security),
    })),
  );

function callersOf(security: Record<string, string[]>[]): Operation['callers'] {
  if (security.length === 0) return 'anybody';
  return security.every((scheme) => 'session' in scheme) ? 'people' : 'credentials';
}

/** The name of an object with fields of its own, which may be null besides. */
export function refOf({ $ref, anyOf = [] }: Schema): string | undefined {
  return $ref ?? anyOf.find((each) => each.$ref !== undefined)?.$ref;
}

/** The schema itself, wherever the document keeps it. */
export function resolved(schema: Schema): Schema {
  const ref = refOf(schema);
  if (ref === undefined) return schema;
  const named = document.components.schemas[ref.replace('#/components/schemas/', '')];
  if (named === undefined) throw new Error(`the document lacks ${ref}`);
  return named;
}

/** The one type of a schema, which may be null besides. */
export function typeOf(schema: Schema): string {
  const [type, ...more] = [schema.type ?? []].flat().filter((each) => each !== 'null');
  if (type === undefined || more.length > 0) {
    throw new Error(`test/bad-input does not know what to make of ${JSON.stringify(schema)}`);
  }
  return type;
}

export function mayBeNull({ type, anyOf = [] }: Schema): boolean {
  return [type].flat().includes('null') || anyOf.some(mayBeNull);
}

/** What the operation needs besides the fields it requires, where a good request needs more. */
const MORE_THAN_REQUIRED: Record<string, Record<string, unknown>> = {
  'POST /v1/tokens/revoke': { filter: { subject: 'partner_42' } },
};

/** The least body the operation takes, field by field, as JSON. */
export function leastBody({ method, path, body }: Operation): Map<string, string> {
  return new Map([
    ...leastFields(body === null ? {} : resolved(body)),
    ...Object.entries(MORE_THAN_REQUIRED[`${method} ${path}`] ?? {}).map(
      ([name, value]): [string, string] => [name, JSON.stringify(value)],
    ),
  ]);
}

/** The required fields of an object with good values, as JSON. */
export function leastFields({ required = [], properties = {} }: Schema): Map<string, string> {
  return new Map(required.map((name) => [name, goodJson(properties[name] ?? {})]));
}

/** A value that the schema takes, as JSON. */
export function goodJson(schema: Schema): string {
  const { enum: words } = schema;
  if (schema.example === null) return 'null';
  const value = schema.example ?? schema.default ?? words?.[0];
  if (value !== undefined) return JSON.stringify(value);
  if (refOf(schema) !== undefined) return objectJson(leastFields(resolved(schema)));
  if (schema.items !== undefined) return `[${goodJson(itemsOf(schema))}]`;
  throw new Error(`test/bad-input needs an example of ${JSON.stringify(schema)}`);
}

export function objectJson(fields: Iterable<[string, string]>): string {
  return `{${[...fields].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

/** The schema of a list's items; the example of the list has one of them. */
export function itemsOf({ items = {}, example }: Schema): Schema {
  const [first] = Array.isArray(example) ? (example as unknown[]) : [];
  return first === undefined ? items : { example: first, ...items };
}
