import type { Fault } from '../errors/problem.js';
import { fault, NONE, refusal } from './faults.js';
import { faultsOfJson, MAX_DEPTH } from './json-faults.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const LONE_SURROGATE = /\p{Cs}/u;
const REFUSED_CHARACTER = /[\0\p{Cs}]/u;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Reads a JSON text (RFC 8259) that means one thing only, or throws the 400 that lists every fault: malformed
 * JSON, a key given twice, keys that reach for a prototype, NUL, lone surrogates, numbers that do not survive
 * being read, and nesting deeper than 32. A byte order mark is skipped, as the RFC allows; invalid UTF-8 is not.
 *
 * JSON.parse reads; what it would hide is proven absent by counting. It keeps one member of several with the
 * same key, so the text holds as many members as the value exactly when no key was given twice, however the
 * keys are spelled. The slow reader only ever explains a refusal.
 */
export function parseJson(body: Uint8Array | string): { value: unknown } {
  const { value, faults } = readJson(body);
  if (faults.length > 0) throw refusal(faults);
  return { value };
}

/**
 * The same, for who can say more of the value: throws only what leaves none to judge.
 *
 * @returns the value, of which nothing may be used but to list its other faults beside these.
 */
export function readJson(body: Uint8Array | string): { value: unknown; faults: readonly Fault[] } {
  const text = typeof body === 'string' ? body : decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // V8's message quotes the body, which may hold a secret.
    throw refusal(faultsOfJson(text).faults);
  }
  const suspect = text.includes('\\u') || LONE_SURROGATE.test(text);
  if (soundMembers(value, suspect, 1) === membersWritten(text)) return { value, faults: NONE };
  const { faults, isReadable } = faultsOfJson(text);
  if (!isReadable) throw refusal(faults);
  return { value, faults };
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw refusal(fault('is not valid UTF-8'));
  }
}

/** How many members all objects of a valid JSON text have together: its colons outside of strings. */
function membersWritten(text: string): number {
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) members++;
    else if (unit === QUOTE) at = closingQuote(text, at);
  }
  return members;
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

/** A character is escaped by an odd number of backslashes: an even one is backslashes escaping each other. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

/**
 * How many members all objects of the value have together; NaN, which equals no count and survives every sum,
 * as soon as the value holds something refused. `suspect` says whether strings must be looked into: without a
 * `\u` escape neither NUL nor a lone surrogate can have got there.
 */
function soundMembers(value: unknown, suspect: boolean, depth: number): number {
  if (typeof value === 'string') return suspect && REFUSED_CHARACTER.test(value) ? NaN : 0;
  if (typeof value === 'number') return isExact(value) ? 0 : NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) return NaN;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += soundMembers(item, suspect, depth + 1);
    return members;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__' || (key === 'constructor' && hasPrototype(member))) return NaN;
    if (suspect && REFUSED_CHARACTER.test(key)) return NaN;
    members += 1 + soundMembers(member, suspect, depth + 1);
  }
  return members;
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

/** Beyond 2^53 neighbouring integers become the same number: what was written is no longer what is read. */
function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
