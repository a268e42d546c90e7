import type { Fault } from '../errors/problem.js';
import { amend } from './amend.js';
import { fault, NONE, segment, under } from './faults.js';
import { instant } from './instant.js';
import type { Dto, FieldSchema, Predicate, Rule, Unjudged } from './rule.js';
import { build, faultsOf, isPlainObject } from './validate.js';

/** A decorator of a field; also the item of a list: `@ListOf(Text({ max: 120 }), { max: 64 })`. */
export type Field = PropertyDecorator & { readonly rule: Rule };

/** What every field may say for the reader of the OpenAPI document. */
interface Described {
  description?: string;
  example?: unknown;
}

/** A field with a default may be absent, and is then filled in. */
interface Defaulted<T> extends Described {
  default?: T;
}

interface TextOptions extends Defaulted<string> {
  /** 1 unless told: an empty string is hardly ever meant. */
  min?: number;
  max: number;
  /**
   * `line`, unless told: no control characters. `lines`: tabs and line breaks too. `any`: everything that is
   * text at all, for what is only compared and where a 400 would say more than the answer may.
   */
  characters?: 'line' | 'lines' | 'any';
  /** A pattern for the whole text, and the fault of a text that does not follow it: `must be …`. */
  format?: { pattern: RegExp; message: string };
}

interface ListOptions extends Described {
  /** 0 unless told. */
  min?: number;
  max: number;
  /** Whether an item that repeats an earlier one is a fault. For texts and numbers. */
  unique?: boolean;
}

const FORBIDDEN = {
  line: { pattern: /[\p{Cc}\p{Cs}]/u, message: 'must not contain control characters' },
  lines: {
    pattern: /[^\P{Cc}\t\n\r]|\p{Cs}/u,
    message: 'must not contain control characters other than tabs and line breaks',
  },
  any: { pattern: /[\0\p{Cs}]/u, message: 'must not contain the character U+0000' },
};

/** The field may be left out. It may not be null. */
export function Optional(): PropertyDecorator {
  return amend((spec) => {
    spec.mayBeAbsent = true;
  });
}

/** The field may be left out, or be null. */
export function Nullable(): PropertyDecorator {
  return amend((spec) => {
    spec.mayBeAbsent = true;
    spec.mayBeNull = true;
  });
}

/** A string. Its length counts code points, as JSON Schema's and PostgreSQL's do: an emoji is one, not two. */
export function Text({ min = 1, max, characters = 'line', format, ...more }: TextOptions): Field {
  const forbidden = FORBIDDEN[characters].pattern;
  const length = fault(`must be a string of ${span(min, max, 'character')}`);
  const character = fault(FORBIDDEN[characters].message);
  return field(more, {
    schema: {
      type: 'string',
      ...(min > 0 && { minLength: min }),
      maxLength: max,
      ...(format && { pattern: format.pattern.source }),
    },
    check: (value) => {
      if (typeof value !== 'string' || !isWithin(value, min, max)) return length;
      if (forbidden.test(value)) return character;
      return format && !format.pattern.test(value) ? fault(format.message) : NONE;
    },
    fromQuery: (text) => text,
  });
}

/** A boolean. In a query, the words `true` and `false`. */
export function Flag(options: Defaulted<boolean> = {}): Field {
  const wrong = fault('must be true or false');
  return field(options, {
    schema: { type: 'boolean' },
    check: (value) => (typeof value === 'boolean' ? NONE : wrong),
    fromQuery: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  });
}

/** A whole number that a double holds exactly. In a query: digits, no `+`, no exponent, no zero in front. */
export function Int({ min, max, ...more }: { min: number; max: number } & Defaulted<number>): Field {
  const wrong = fault(`must be a whole number from ${min} to ${max}`);
  const isRight = (value: number) => Number.isSafeInteger(value) && value >= min && value <= max;
  return field(more, {
    schema: { type: 'integer', minimum: min, maximum: max },
    check: (value) => (typeof value === 'number' && isRight(value) ? NONE : wrong),
    fromQuery: (text) => (/^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text),
  });
}

/** A moment, as an RFC 3339 date-time. Stays the string it was; `instant()` reads it. */
export function Instant(options: Described = {}): Field {
  const wrong = fault(
    'must be an RFC 3339 date-time of the years 1970 to 9999, such as 2027-01-31T12:00:00Z',
  );
  return field(options, {
    schema: { type: 'string', format: 'date-time' },
    check: (value) => (typeof value === 'string' && !Number.isNaN(instant(value)) ? NONE : wrong),
    fromQuery: (text) => text,
  });
}

/** One of a few words. */
export function OneOf<T extends string>(values: readonly T[], options: Defaulted<T> = {}): Field {
  const words = new Set<unknown>(values);
  const wrong = fault(`must be one of ${values.join(', ')}`);
  return field(options, {
    schema: { type: 'string', enum: values },
    check: (value) => (words.has(value) ? NONE : wrong),
    fromQuery: (text) => text,
  });
}

/** A list, each item of which is what the given field would be. In a query, a parameter that may be repeated. */
export function ListOf({ rule: item }: Field, { min = 0, max, unique = false, ...more }: ListOptions): Field {
  const wrong = fault(`must be a list of ${span(min, max, 'item')}`);
  const items: FieldSchema =
    typeof item.schema.type === 'string'
      ? { type: 'array', items: item.schema }
      : { type: item.schema.type, isArray: true };
  const buildItem = item.build?.bind(item);
  return field(more, {
    schema: {
      ...items,
      ...(min > 0 && { minItems: min }),
      maxItems: max,
      ...(unique && { uniqueItems: true }),
    },
    check: (value) => {
      if (!Array.isArray(value) || value.length < min || value.length > max) return wrong;
      return faultsOfItems(value, item, unique);
    },
    ...(buildItem && { build: (value) => (value as unknown[]).map(buildItem) }),
    items: item,
  });
}

/** An object of the caller's own making, kept as it is. Its size is that of its JSON without white space. */
export function JsonObject({ maxBytes = 4096, ...more }: Described & { maxBytes?: number } = {}): Field {
  const wrong = fault(`must be a JSON object of at most ${maxBytes} bytes`);
  return field(more, {
    schema: { type: 'object', additionalProperties: true },
    check: (value) =>
      isPlainObject(value) && Buffer.byteLength(JSON.stringify(value)) <= maxBytes ? NONE : wrong,
  });
}

/** An object with fields of its own. The class is named in a function as it may be declared further down. */
export function Nested<T extends object>(dto: () => Dto<T>, options: Described = {}): Field {
  return field(options, {
    schema: { type: () => dto() },
    check: (value) => faultsOf(dto(), value),
    build: (value) => build(dto(), value as Unjudged),
  });
}

export function ListOfNested<T extends object>(dto: () => Dto<T>, options: ListOptions): Field {
  return ListOf(Nested(dto), options);
}

/**
 * A check of the feature's own on a text, or on `each` text of a list: what is wrong with it, or null. It is
 * asked only about what the field's type has nothing against. The name is the text's `format` in OpenAPI.
 */
export function Checked(name: string, predicate: Predicate, { each = false } = {}): PropertyDecorator {
  return amend((spec) => spec.extras.push({ name, predicate, each }));
}

function field({ default: fallback, ...words }: Defaulted<unknown>, rule: Rule): Field {
  const documented = { ...rule, schema: { ...rule.schema, ...words } };
  const decorate = amend((spec) => {
    spec.rule = documented;
    if (fallback === undefined) return;
    spec.fallback = fallback;
    spec.mayBeAbsent = true;
  });
  return Object.assign(decorate, { rule: documented });
}

function faultsOfItems(list: readonly unknown[], item: Rule, unique: boolean): readonly Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<unknown>();
  for (const [at, value] of list.entries()) {
    const found = item.check(value);
    const repeats = unique && seen.has(value);
    seen.add(value);
    if (found.length > 0) faults.push(...under(segment(at), found));
    else if (repeats) faults.push({ field: segment(at), message: 'repeats an earlier item' });
  }
  return faults;
}

function isWithin(text: string, min: number, max: number): boolean {
  const units = text.length;
  if (units < min || units > 2 * max) return false;
  // A code point is one unit or two: only where that matters are they worth counting.
  if (units >= 2 * min && units <= max) return true;
  const points = Array.from(text).length;
  return points >= min && points <= max;
}

function span(min: number, max: number, unit: string): string {
  const units = max === 1 ? unit : `${unit}s`;
  if (min === max) return `${max} ${units}`;
  return min === 0 ? `at most ${max} ${units}` : `${min} to ${max} ${units}`;
}
