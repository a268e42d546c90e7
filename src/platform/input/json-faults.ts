import jsonc, { type JSONPath, type JSONVisitor } from 'jsonc-parser';
import type { Fault } from '../errors/problem.js';
import { join, MAX_FAULTS, segment } from './faults.js';

/** RFC 8259 §9 lets a parser limit nesting; nothing of ours is deeper than five. */
export const MAX_DEPTH = 32;

/** Thrown out of the visitor, which would otherwise recurse and guess its way through what follows. */
const HOPELESS = new Error('hopeless');

/** What is wrong with a JSON text. */
export interface Explanation {
  faults: Fault[];
  /** Whether the text could be read to its end, so that its value can be judged too. */
  isReadable: boolean;
}

/**
 * Every fault of a JSON text that is refused, each with its path. The slow way, for texts already known to be
 * bad: it explains, it does not decide.
 */
export function faultsOfJson(text: string): Explanation {
  const faults: Fault[] = [];
  if (text.trim() === '') return hopeless('must not be empty');
  try {
    jsonc.visit(text, explain(faults), { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (error !== HOPELESS) throw error;
    return { faults, isReadable: false };
  }
  return faults.length > 0 ? { faults, isReadable: true } : hopeless('is not valid JSON');
}

function hopeless(message: string): Explanation {
  return { faults: [{ field: '', message }], isReadable: false };
}

function explain(faults: Fault[]): JSONVisitor {
  const keysOfOpenObjects: Set<string>[] = [];
  let depth = 0;

  const report = (path: () => JSONPath, message: string) => {
    // What will only be counted needs no path: the paths of 64 KiB of faults take a tenth of a second.
    const field = faults.length < MAX_FAULTS ? path().map(segment).reduce(join, '') : '';
    faults.push({ field, message });
  };
  const enter = (path: () => JSONPath) => {
    depth++;
    if (depth <= MAX_DEPTH) return;
    report(() => path().slice(0, 4), `is nested deeper than ${MAX_DEPTH} levels`);
    throw HOPELESS;
  };
  const checkString = (value: string, path: () => JSONPath) => {
    if (value.includes('\0')) report(path, 'must not contain the character U+0000');
    if (/\p{Cs}/u.test(value)) report(path, 'must not contain half of a surrogate pair');
  };

  return {
    onObjectBegin: (_offset, _length, _line, _column, path) => {
      enter(path);
      keysOfOpenObjects.push(new Set());
    },
    onObjectEnd: () => {
      depth--;
      keysOfOpenObjects.pop();
    },
    onArrayBegin: (_offset, _length, _line, _column, path) => {
      enter(path);
    },
    onArrayEnd: () => {
      depth--;
    },
    onObjectProperty: (key, _offset, _length, _line, _column, pathOfObject) => {
      const path = () => [...pathOfObject(), key];
      const seen = keysOfOpenObjects.at(-1);
      if (seen?.has(key)) report(path, 'is given more than once');
      seen?.add(key);
      if (key === '__proto__' || (key === 'prototype' && pathOfObject().at(-1) === 'constructor')) {
        report(path, 'is not an allowed field name');
      }
      checkString(key, path);
    },
    onLiteralValue: (value: unknown, _offset, _length, _line, _column, path) => {
      if (typeof value === 'string') checkString(value, path);
      if (typeof value !== 'number') return;
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
        report(path, 'is a number too large to be read exactly');
      }
    },
    onError: (_code, _offset, _length, line, column) => {
      const place = `line ${line + 1}, column ${column + 1}`;
      faults.push({ field: '', message: `is not valid JSON at ${place}` });
      throw HOPELESS;
    },
  };
}
