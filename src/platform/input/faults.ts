import { type Fault, Problem } from '../errors/problem.js';

/** Nothing to object to. One shared value, so that saying yes costs no allocation. */
export const NONE: readonly Fault[] = Object.freeze([]);

/** How many faults an answer lists; the rest are counted. */
export const MAX_FAULTS = 500;
const MAX_NAME = 32;
const PLAIN_NAME = /^[A-Za-z_][\w-]*$/;

/** One fault of the value itself; whoever holds the value puts the path in front with `under`. */
export function fault(message: string, field = ''): Fault[] {
  return [{ field, message }];
}

/** The path of a member or an item: `rate_limit.limit`, `items[3].token`. */
export function join(path: string, inner: string): string {
  if (path === '' || inner === '') return path + inner;
  return inner.startsWith('[') ? path + inner : `${path}.${inner}`;
}

/** The same faults, seen from the place that holds the faulty value. */
export function under(path: string, faults: readonly Fault[]): Fault[] {
  return faults.map(({ field, message }) => ({ field: join(path, field), message }));
}

/**
 * How a key is written in a path. The caller chose it, and may have put a secret where a name belongs: what
 * is longer than any name of ours is cut before the random part of a secret begins.
 */
export function segment(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = key.length > MAX_NAME ? `${key.slice(0, 8)}…` : key;
  return PLAIN_NAME.test(name) ? name : `[${JSON.stringify(name)}]`;
}

/** The 400 that lists them; capped, since a 64 KiB body can hold faults for a megabyte of answer. */
export function refusal(faults: readonly Fault[]): Problem {
  const listed = faults.slice(0, MAX_FAULTS);
  const left = faults.length - listed.length;
  if (left > 0) listed.push({ field: '', message: `has ${left} more faults` });
  return Problem.invalid(listed);
}
