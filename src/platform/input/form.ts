import type { Fault } from '../errors/problem.js';
import { refusal, segment } from './faults.js';
import { planOf } from './plan.js';
import { faultsOfQuery, validateQuery, type RawQuery } from './query.js';
import type { Dto } from './rule.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const forms = new WeakSet<object>();

/** The body of this class is a form; what it does not know is ignored, as RFC 6749 §3.2 demands. */
export const FormBody = (): ClassDecorator => (dto) => {
  forms.add(dto);
};

export function isForm(dto: Dto): boolean {
  return forms.has(dto);
}

/**
 * Reads `application/x-www-form-urlencoded`. A parameter without a value counts as left out (RFC 6749 §3.2); one that
 * is repeated is a list, for its field to refuse or to take.
 *
 * @throws Problem `invalid_request` that names every parameter that is no percent-encoded UTF-8.
 */
export function readForm(body: Uint8Array): RawQuery {
  const given = new Map<string, string[]>();
  const faults: Fault[] = [];
  for (const pair of textOf(body).split('&')) {
    const at = pair.indexOf('=');
    const [name, value] = [
      decoded(at === -1 ? pair : pair.slice(0, at)),
      decoded(at === -1 ? '' : pair.slice(at + 1)),
    ];
    if (name === null || value === null) {
      faults.push({ field: segment(name ?? ''), message: 'is not percent-encoded UTF-8' });
    } else if (value !== '') {
      const values = given.get(name);
      if (values === undefined) given.set(name, [value]);
      else values.push(value);
    }
  }
  if (faults.length > 0) throw refusal(faults);
  const form = Object.create(null) as Record<string, string | string[]>;
  for (const [name, values] of given) form[name] = values.length === 1 ? values[0]! : values;
  return form;
}

/** A name or a value as forms write them; also what HTTP Basic of an OAuth client is written in. Null: it is not. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** The form as its DTO, or the 400 that lists every fault of every parameter. */
export function validateForm<T extends object>(dto: Dto<T>, raw: RawQuery): T {
  const faults = faultsOfForm(dto, raw);
  if (faults.length > 0) throw refusal(faults);
  return validateQuery(dto, split(dto, raw).known);
}

/** Everything wrong with a form. No parameter may be repeated, not even an unknown one (RFC 6749 §3.2). */
export function faultsOfForm(dto: Dto, raw: RawQuery): Fault[] {
  const { known, unknown } = split(dto, raw);
  const repeated = Object.keys(unknown).filter((name) => Array.isArray(unknown[name]));
  return [
    ...faultsOfQuery(dto, known),
    ...repeated.map((name) => ({ field: segment(name), message: 'must be given only once' })),
  ];
}

function split(dto: Dto, raw: RawQuery): { known: RawQuery; unknown: RawQuery } {
  const { names } = planOf(dto);
  const part = (isKnown: boolean): RawQuery =>
    Object.fromEntries(Object.entries(raw).filter(([name]) => names.has(name) === isKnown));
  return { known: part(true), unknown: part(false) };
}

function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw refusal([{ field: '', message: 'is not valid UTF-8' }]);
  }
}
