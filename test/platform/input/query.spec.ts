import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Problem } from '../../../src/platform/errors/problem.js';
import { Flag, Instant, Int, ListOf, OneOf, Optional, Text } from '../../../src/platform/input/fields.js';
import { type RawQuery, validateQuery } from '../../../src/platform/input/query.js';
import { validateBody } from '../../../src/platform/input/validate.js';

class EventQuery {
  @Int({ min: 1, max: 100, default: 25 })
  limit!: number;

  @Optional()
  @ListOf(Text({ max: 10 }), { min: 1, max: 3 })
  action?: string[];

  @Optional()
  @ListOf(Int({ min: -5, max: 5 }), { max: 3 })
  status?: number[];

  @Optional()
  @Instant()
  from?: string;

  @OneOf(['desc', 'asc'], { default: 'desc' })
  order!: 'desc' | 'asc';

  @Optional()
  @Flag()
  archived?: boolean;

  @Optional()
  @Text({ min: 0, max: 20 })
  q?: string;
}

function faultsOf(raw: RawQuery): Record<string, string> {
  try {
    validateQuery(EventQuery, raw);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.status).toBe(400);
    return Object.fromEntries((error.details ?? []).map(({ field, message }) => [field, message]));
  }
  return {};
}

describe('an accepted query', () => {
  it('has its numbers, booleans and lists read and its defaults filled in', () => {
    const raw = { limit: '10', action: ['a', 'b'], status: ['0', '-5'], archived: 'false', q: '10' };
    expect(validateQuery(EventQuery, raw)).toEqual({
      limit: 10,
      action: ['a', 'b'],
      status: [0, -5],
      archived: false,
      order: 'desc',
      q: '10',
    });
    expect(validateQuery(EventQuery, {})).toEqual({ limit: 25, order: 'desc' });
    expect(validateQuery(EventQuery, {})).toBeInstanceOf(EventQuery);
  });

  it('may give a list as one value', () => {
    expect(validateQuery(EventQuery, { action: 'a' }).action).toEqual(['a']);
  });

  it('may hold an empty text only where empty texts are allowed', () => {
    expect(validateQuery(EventQuery, { q: '' }).q).toBe('');
    const empty = { limit: '', action: '', status: '', from: '', order: '', archived: '' };
    expect(Object.keys(faultsOf(empty))).toEqual(
      expect.arrayContaining(['limit', 'action[0]', 'status[0]', 'from', 'order', 'archived']),
    );
  });
});

describe('a refused query', () => {
  it('has every fault of every parameter listed at once', () => {
    const raw = {
      limit: '0',
      action: ['a', 'much too long a name'],
      status: ['1', 'x'],
      from: 'now',
      order: ['asc', 'desc'],
      archived: 'yes',
      q: 'a\u0000',
      page: ['2', '3'],
      'a b': ['1', '2'],
    };
    expect(faultsOf(raw)).toEqual({
      limit: 'must be a whole number from 1 to 100',
      'action[1]': 'must be a string of 1 to 10 characters',
      'status[1]': 'must be a whole number from -5 to 5',
      from: expect.stringContaining('RFC 3339'),
      order: 'must be given only once',
      archived: 'must be true or false',
      q: 'must not contain control characters',
      page: 'is not a known field',
      '["a b"]': 'is not a known field',
    });
  });

  it.each([
    '1e1',
    '+1',
    ' 1',
    '1 ',
    '01',
    '1.0',
    '0x1',
    '١',
    '1_0',
    '-0',
    '',
    '99999999999999999999',
    'NaN',
    '101',
  ])('is one with %j for a number', (limit) => {
    expect(faultsOf({ limit })).toEqual({ limit: 'must be a whole number from 1 to 100' });
  });

  it('repeats a parameter that stands for one value, even with the same value', () => {
    expect(faultsOf({ limit: ['10', '10'], from: ['a', 'b'] })).toEqual({
      limit: 'must be given only once',
      from: 'must be given only once',
    });
  });

  it('reaches for a prototype', () => {
    const raw = JSON.parse('{"__proto__":"1","constructor":["2"],"hasOwnProperty":"3"}') as RawQuery;
    expect(Object.keys(faultsOf(raw))).toEqual(['__proto__', 'constructor', 'hasOwnProperty']);
  });

  it('is never answered with anything but a 400', () => {
    const names = fc.constantFrom(
      'limit',
      'action',
      'status',
      'from',
      'order',
      'archived',
      'q',
      '__proto__',
      'x',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.constantFrom('', 'asc', 'true'),
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(text, fc.array(text, { maxLength: 5 }))), (raw) => {
        faultsOf(raw);
      }),
      { numRuns: 2000 },
    );
  });
});

it('only queries are coerced: a body keeps its types', () => {
  expect(() => validateBody(EventQuery, { limit: '10' })).toThrow(Problem);
  expect(() => validateBody(EventQuery, { action: 'a' })).toThrow(Problem);
  expect(() => validateBody(EventQuery, { archived: 'true' })).toThrow(Problem);
});

it('reads back every whole number in range, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -200, max: 200 }).map(String), fc.string()), (limit) => {
      const isRight = /^[1-9][0-9]?$|^100$/.test(limit);
      expect(faultsOf({ limit })).toEqual(isRight ? {} : { limit: 'must be a whole number from 1 to 100' });
      if (isRight) expect(validateQuery(EventQuery, { limit }).limit).toBe(Number(limit));
    }),
  );
});
