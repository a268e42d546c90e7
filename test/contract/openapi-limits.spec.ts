import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromEverywhere } from '../support/addresses.js';
import type { Answer } from '../support/caller.js';
import { World } from '../support/world.js';
import { ASKABLE, mayBeNull, type Operation, resolve, type Schema } from './openapi-document.js';
import { ask, exampleRequest, NOW } from './openapi-requests.js';

/** A value on the edge of what a field takes, and what to think of it. */
interface Probe {
  what: string;
  value: unknown;
  accepted: boolean;
}

/** A field of a body, or a parameter of a query. */
interface Field {
  in: 'body' | 'query';
  /** The names on the way to it, through the only item of a list. */
  way: string[];
  schema: Schema;
  required: boolean;
}

let world: World;
beforeAll(async () => {
  world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1', TOOKEN_SIGNUP: 'open' } });
  world.clock.hold(NOW);
  // So that the log of the instance has something in it.
  await world.anonymous().get('/v1/me');
  while ((await world.database.query('select from audit_pending')).length > 0);
});
afterAll(() => world.close());

/** Forms are another matter: they ignore what they do not know, and their texts have a meaning (test/oauth). */
const OF_JSON = ASKABLE.filter(({ isForm }) => !isForm);

const cases = OF_JSON.flatMap((operation) =>
  fieldsOf(operation).map((field): [string, string, Operation, Field] => [
    `${operation.method} ${operation.path}`,
    field.way.join('.'),
    operation,
    field,
  ]),
);

describe('what the document says of a field’s limits is the truth, to the last character:', () => {
  it.each(cases)('%s: %s', async (_name, _field, operation, field) => {
    for (const { what, value, accepted } of probesOf(field)) {
      const answer = await send(operation, field, value);
      if (answer.status === 413 && isTooLarge(value)) continue;
      if (answer.status === 404 && isElsewhere(operation, field, value)) continue;
      if (answer.status === 400 && isBeyond(operation, field, value)) continue;
      if (answer.status === 409 && isAhead(operation, field, value)) continue;
      if (accepted && isProof(field) && [401, 403, 404].includes(answer.status)) continue;
      if (answer.status === 400 && locksOut(field, value)) continue;
      if (accepted && isProof(field) && (value === undefined || field.way[0] === 'passkey')) continue;
      const faults = answer.status === 400 ? (answer.body.details as { field: string }[]) : [];
      const own = faults.filter((fault) => fault.field.startsWith(pathOf(field)));
      expect({ what, status: answer.status, own: own.length > 0 }).toEqual(
        accepted ? { what, status: operation.success, own: false } : { what, status: 400, own: true },
      );
    }
  });

  const bodies = OF_JSON.filter(({ body }) => body !== null);
  it.each(bodies.map((each): [string, Operation] => [`${each.method} ${each.path}`, each]))(
    '%s: whether a body is needed, and what else it may hold',
    async (_name, operation) => {
      const { by, path } = await exampleRequest(world, operation);
      const none = await ask(by, operation, { path, body: undefined });
      expect(none.status).toBe(operation.body?.required === true ? 400 : operation.success);

      expect(resolve(operation.body!.schema).additionalProperties).toBe(false);
      const { body, ...request } = await exampleRequest(world, operation);
      const more = await ask(request.by, operation, { ...request, body: { ...(body as object), more: 1 } });
      expect(more).toBeProblem('invalid_request', ['more']);
    },
  );
});

function fieldsOf({ body, parameters }: Operation): Field[] {
  const query = parameters.filter((parameter) => parameter.in === 'query');
  return [
    ...query.map(({ name, schema, required = false }): Field => ({
      in: 'query',
      way: [name],
      schema,
      required,
    })),
    ...(body === null ? [] : fieldsIn(resolve(body.schema), [])),
  ];
}

function fieldsIn({ properties = {}, required = [] }: Schema, way: string[]): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const field: Field = { in: 'body', way: [...way, name], schema, required: required.includes(name) };
    const inner = [schema, schema.items, ...(schema.anyOf ?? [])]
      .filter((each) => each !== undefined)
      .map((each) => (each.$ref === undefined ? undefined : resolve(each)))
      .find((each) => each !== undefined);
    return [field, ...(inner ? fieldsIn(inner, field.way) : [])];
  });
}

/** Bodies have a limit of their own, which long texts come to first; more so those of long characters. */
function isTooLarge(value: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(value)) > 63 * 1024;
}

/** An event is in one log or in the other. */
function isElsewhere({ path }: Operation, { way }: Field, value: unknown): boolean {
  return path.startsWith('/v1/audit-events/{id}') && way[0] === 'log' && value === 'instance';
}

/** What nobody can make up; that it is no proof is said only of what has the form of one. */
function isProof({ way }: Field): boolean {
  return [
    ...['token', 'email', 'password', 'current_password'],
    ...['ticket', 'code', 'recovery_code', 'passkey'],
  ].includes(way[0]!);
}

/** A size that no log here has. */
function isBeyond({ path }: Operation, { way }: Field, value: unknown): boolean {
  return path === '/v1/audit-log/consistency' && way[0] !== 'log' && Number(value) > 1_000_000;
}

/** A place that no event has had yet. */
function isAhead({ path }: Operation, { way }: Field, value: unknown): boolean {
  return path === '/v1/audit-events/tail' && way[0] === 'after_index' && Number(value) > 1_000_000;
}

/** Nobody can take away the address they call from. */
function locksOut({ way }: Field, value: unknown): boolean {
  return way[0] === 'allowed_management_ips' && Array.isArray(value) && !value.includes('::/0');
}

/** What stands on both sides of every limit of a field. */
function probesOf({ in: place, way, schema, required }: Field): Probe[] {
  const { type, enum: words, items } = schema;
  const types = [type].flat();
  const probes: Probe[] = [{ what: 'nothing', value: undefined, accepted: !required }];
  const probe = (what: string, value: unknown, accepted: boolean): void => {
    if (value !== undefined) probes.push({ what, value, accepted });
  };
  if (place === 'body') probe('null', null, mayBeNull(schema));
  if (words !== undefined) {
    for (const word of words) probe(`the word ${String(word)}`, word, true);
    probe('another word', 'nonsense', false);
  } else if (types.includes('string')) {
    for (const [length, accepted] of edges(schema.minLength, schema.maxLength)) {
      // A cursor is what another answer has given, and nothing that could be made up.
      const text = way[0] === 'cursor' ? undefined : textOf(schema, length);
      probe(`${String(length)} characters`, text ?? (accepted ? undefined : 'x'.repeat(length)), accepted);
    }
    if (schema.format !== undefined) probe('another format', '\u2028', false);
    if (place === 'body') probe('a number', 1, false);
  } else if (types.includes('integer')) {
    for (const [value, accepted] of edges(schema.minimum, schema.maximum))
      probe(String(value), value, accepted);
    probe('a fraction', 1.5, false);
    if (place === 'body') probe('digits', '1', false);
  } else if (types.includes('boolean')) {
    for (const value of [true, false]) probe(String(value), value, true);
    probe('a word', 'yes', false);
  } else if (types.includes('array')) {
    for (const [length, accepted] of edges(schema.minItems, schema.maxItems)) {
      probe(`${String(length)} items`, listOf(items!, length, schema.uniqueItems), accepted);
    }
    if (schema.uniqueItems === true) probe('an item twice', Array(2).fill(listOf(items!, 1)![0]), false);
    if (place === 'body') probe('an object', {}, false);
    for (const each of items?.$ref === undefined
      ? probesOf({ in: place, way: [], schema: items!, required: true })
      : []) {
      probe(`an item: ${each.what}`, each.value === undefined ? undefined : [each.value], each.accepted);
    }
  } else if (types.includes('object')) {
    probe('an empty object', {}, true);
    probe('a list', [], false);
  }
  return probes;
}

/** Both limits and what lies just beyond them. */
function edges(min: number | undefined, max: number | undefined): [number, boolean][] {
  return [
    ...(min === undefined ? [] : [[min, true] as [number, boolean], [min - 1, false] as [number, boolean]]),
    ...(max === undefined ? [] : [[max, true] as [number, boolean], [max + 1, false] as [number, boolean]]),
  ];
}

/** A text of this length that has the field's format; undefined where the format has none so long. */
function textOf({ format }: Schema, length: number): string | undefined {
  switch (format) {
    case undefined:
      // Characters outside of the basic plane: a length counts characters, not UTF-16 units.
      return '😀'.repeat(length);
    case 'scope':
      return length < 3 ? undefined : `a:${'b'.repeat(length - 2)}`;
    case 'token-prefix':
      return length < 1 ? undefined : `a${'b'.repeat(length - 1)}`;
    case 'imported-value':
      return 'x'.repeat(length);
    case 'audit-action':
      return length < 3 ? undefined : `a.${'b'.repeat(length - 2)}`;
    case 'cidr':
      return { 2: '::', 49: 'fe80:1111:2222:3333:4444:5555:192.168.100.100/128' }[length];
    case 'ip':
      return { 2: '::', 45: 'fe80:1111:2222:3333:4444:5555:192.168.100.100' }[length];
    case 'uri':
      return length < 27 ? undefined : `https://hooks.acme.example/${'x'.repeat(length - 27)}`;
    case 'email':
      return length < 3 ? undefined : `${'a'.repeat(length - 2)}@b`;
    case 'password':
      // None that is guessed first: no run, no word.
      return Array.from({ length }, (_each, at) => 'kYxQ9w7#Lz'.charAt((at * at + 3 * at) % 10)).join('');
    case 'date-time':
      return undefined;
    default:
      throw new Error(`Tell this file what a ${format} of ${String(length)} characters looks like`);
  }
}

function listOf(items: Schema, length: number, unique = false): unknown[] | undefined {
  if (length < 0) return undefined;
  const { enum: words, example, format } = items;
  const one = (index: number): unknown => {
    if (words !== undefined) return words[index % words.length];
    if (items.$ref !== undefined) return exampleOf(resolve(items));
    if (format === 'cidr') return index === 0 ? '::/0' : `10.0.${String(index)}.0/24`;
    if (format === 'scope') return `things:n${String(index)}`;
    if (format === 'audit-action') return `thing.n${'x'.repeat(index)}`.slice(0, 60);
    return typeof example === 'string' ? example : `n${String(index)}`;
  };
  if (unique && words !== undefined && length > words.length) return undefined;
  return Array.from({ length }, (_each, index) => one(index));
}

/** The least that an item of a list needs. */
function exampleOf({ properties = {}, required = [] }: Schema): unknown {
  return Object.fromEntries(required.map((name) => [name, properties[name]!.example]));
}

/** Sends the documented request with this one value changed; `undefined` leaves the field out. */
async function send(operation: Operation, field: Field, value: unknown): Promise<Answer> {
  const request = await exampleRequest(world, operation);
  if (field.in === 'query') {
    const values = [value ?? []].flat() as (string | number | boolean)[];
    const query = values.map((each): [string, string] => [field.way[0]!, String(each)]);
    const search = new URLSearchParams(query).toString();
    return ask(request.by, operation, { ...request, path: `${request.path}?${search}` });
  }
  const least = { ...leastOf(operation, request.body, field), ...standIn(operation, field, value) };
  const body = withValue(least, field.way, value);
  return ask(fromEverywhere(request.by), operation, { ...request, body });
}

/** Long values need all the room there is; and some fields exclude each other. */
function leastOf({ body }: Operation, example: unknown, { way }: Field): Record<string, unknown> {
  const keep = [...(resolve(body!.schema).required ?? []), way[0]];
  const fields = Object.entries(example as object).filter(([name]) => keep.includes(name));
  return Object.fromEntries(fields);
}

/** Of fields that stand in for each other, the one that is given where the other is not. */
function standIn({ path }: Operation, { way }: Field, value: unknown): object {
  if (path === '/v1/session/second-factor') return way[0] === 'ticket' ? { code: '123456' } : {};
  if (path !== '/v1/tokens/revoke' || way.length > 1) return {};
  const isGiven = value !== undefined && value !== null;
  if (way[0] === 'filter') return isGiven ? {} : { token: 'none' };
  return way[0] === 'token' && isGiven ? {} : { filter: { subject: 'nobody' } };
}

function withValue(body: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(body)) return [withValue(body[0], [name, ...rest], value)];
  const { [name]: current, ...others } = (body ?? {}) as Record<string, unknown>;
  const changed = withValue(current, rest, value);
  return changed === undefined ? others : { ...others, [name]: changed };
}

/** How a fault of the field names it: `items[0].token`. */
function pathOf({ way }: Field): string {
  if (way.length === 1) return way[0]!;
  // The fields of a list's items, or of an object.
  return way[0] === 'items' ? `items[0].${way.slice(1).join('.')}` : way.join('.');
}
