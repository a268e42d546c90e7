import type { Fault } from '../errors/problem.js';
import { refusal, segment } from './faults.js';
import { planOf } from './plan.js';
import type { Dto, Rule, Unjudged } from './rule.js';
import { build, faultsOf } from './validate.js';

/** A query string as the HTTP parser leaves it: a repeated parameter is a list. */
export type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The query as its DTO, or the 400 that lists every fault of every parameter. Only here do strings become
 * numbers, booleans and lists, as the fields say; a string that stands for none stays one and is refused by the
 * field like any other wrong type.
 */
export function validateQuery<T extends object>(dto: Dto<T>, raw: RawQuery): T {
  const { query, faults } = judge(dto, raw);
  if (faults.length > 0) throw refusal(faults);
  return build(dto, query);
}

/** Everything wrong with a query string. */
export function faultsOfQuery(dto: Dto, raw: RawQuery): readonly Fault[] {
  return judge(dto, raw).faults;
}

function judge(dto: Dto, raw: RawQuery): { query: Unjudged; faults: readonly Fault[] } {
  const rules = new Map(planOf(dto).fields.map(({ name, spec }) => [name, spec?.rule]));
  const query = Object.create(null) as Record<string, unknown>;
  const repeated = new Set<string>();
  for (const [name, given] of Object.entries(raw)) {
    if (given === undefined) continue;
    const rule = rules.get(name);
    query[name] = read(rule, given);
    if (rule && !rule.items && Array.isArray(given)) repeated.add(name);
  }
  const faults = faultsOf(dto, query).map(({ field, message }) =>
    repeated.has(field) ? { field, message: 'must be given only once' } : { field, message },
  );
  return { query, faults };
}

function read(rule: Rule | undefined, given: string | string[]): unknown {
  if (rule?.items) return [given].flat().map((text) => read(rule.items, text));
  return typeof given === 'string' && rule?.fromQuery ? rule.fromQuery(given) : given;
}

/** The parameters whose value is no percent-encoded UTF-8: the HTTP parser takes it for what it spells. */
export function undecodable(url: string): Fault[] {
  const query = url.includes('%') ? (/[?#](.*)$/s.exec(url)?.[1] ?? '') : '';
  return query.split('&').flatMap((parameter) => {
    const [name = '', ...value] = parameter.split('=').map(decoded);
    return name !== null && value.includes(null)
      ? [{ field: segment(name), message: 'is not percent-encoded UTF-8' }]
      : [];
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
