import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Fault, Problem } from '../../../src/platform/errors/problem.js';
import { parseJson } from '../../../src/platform/input/strict-json.js';

function refusalOf(body: string | Uint8Array): Fault[] {
  try {
    parseJson(body);
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return error.details ?? [];
    throw error;
  }
  throw new Error('was accepted');
}

const isSound = (value: unknown): boolean => {
  if (typeof value === 'string') return !/[\0\p{Cs}]/u.test(value);
  if (typeof value === 'number')
    return Number.isFinite(value) && (value % 1 !== 0 || Number.isSafeInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  const members = Object.entries(value);
  return members.every(([key, member]) => isSound(key) && key !== '__proto__' && isSound(member));
};

/** Any string spelled in JSON, each character as itself or as an escape. */
const spellings = (text: string) =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((escaped) => {
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    const spelled = units.map((unit, at) =>
      escaped[at]
        ? `\\u${unit.toString(16).padStart(4, '0')}`
        : JSON.stringify(String.fromCharCode(unit)).slice(1, -1),
    );
    return `"${spelled.join('')}"`;
  });

const soundText = fc.string({ unit: 'binary' }).filter((text) => isSound(text) && text !== '__proto__');

describe('what is accepted', () => {
  it('reads exactly what JSON.parse reads, however the text is laid out', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }).filter(isSound),
        fc.constantFrom(0, 1, 2, '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          const expected: unknown = JSON.parse(text);
          expect(parseJson(text)).toEqual({ value: expected });
          expect(parseJson(Buffer.from(text))).toEqual({ value: expected });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads strings however they are escaped', () => {
    const spelled = soundText.chain((text) => fc.tuple(fc.constant(text), spellings(text)));
    fc.assert(
      fc.property(spelled, ([text, spelling]) => {
        expect(parseJson(spelling)).toEqual({ value: text });
        expect(parseJson(`{${spelling}:[${spelling}]}`).value).toEqual(Object.fromEntries([[text, [text]]]));
      }),
    );
  });

  it.each([
    ['colons, quotes and brackets inside of strings', String.raw`{"a:\"b\\":":\\\"{[","c":"\\"}`],
    ['numbers in any notation', '[1.0, 1e3, -0, 2.50, 1E-2, 9007199254740991, 0.1e1]'],
    ['the same key in different objects', '[{"a":{"a":[{"a":1}]}},{"a":2}]'],
    ['keys that differ only in case or normal form', '{"a":1,"A":2,"\u00e9":3,"e\u0301":4}'],
    ['a surrogate pair spelled with two escapes', String.raw`"\ud83d\ude00"`],
    ['a constructor that is no prototype', '{"constructor":"Bob","prototype":{"a":1}}'],
    ['32 levels', '['.repeat(32) + ']'.repeat(32)],
    ['a single null', ' null '],
  ])('accepts %s', (_what, text) => {
    expect(parseJson(text).value).toEqual(JSON.parse(text));
  });

  it('skips a byte order mark, as RFC 8259 allows', () => {
    expect(parseJson(Buffer.from('\ufeff{"a":1}'))).toEqual({ value: { a: 1 } });
  });
});

describe('a key given twice', () => {
  /** Object texts whose keys are all different, and the members they are made of. */
  const members = fc
    .uniqueArray(soundText, { minLength: 1, maxLength: 5 })
    .chain((keys) =>
      fc.tuple(
        ...keys.map((key) => fc.tuple(fc.constant(key), fc.jsonValue({ maxDepth: 2 }).filter(isSound))),
      ),
    );
  const write = (parts: readonly (readonly [string, unknown])[]) =>
    parts.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);

  it('is refused at any depth, in any place, and however either is spelled', () => {
    const texts = members.chain((parts) =>
      fc
        .record({
          again: fc.nat(parts.length - 1).chain((at) => spellings(parts[at]![0])),
          value: fc.jsonValue({ maxDepth: 2 }).filter(isSound),
          place: fc.nat(parts.length),
          wrappings: fc.array(fc.constantFrom('object', 'array', 'space'), { maxLength: 8 }),
        })
        .map(({ again, value, place, wrappings }) => {
          const written = write(parts);
          written.splice(place, 0, `${again}:${JSON.stringify(value)}`);
          return wrappings.reduce(
            (inner, how) => {
              if (how === 'object') return `{"x":0,"in":${inner},"y":"z"}`;
              return how === 'array' ? `[1,${inner}]` : ` \n${inner}\t`;
            },
            `{${written.join(' , ')}}`,
          );
        }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(refusalOf(text)).toContainEqual(
          expect.objectContaining({ message: 'is given more than once' }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('is accepted by nobody even if both values are the same, empty, or hold further duplicates', () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"":0,"":0}',
      '{"a":{"b":1,"b":2},"a":3}',
      String.raw`{"a":1,"\u0061":2}`,
    ]) {
      expect(refusalOf(text).length).toBeGreaterThan(0);
    }
  });

  it('is named with its path', () => {
    expect(refusalOf('{"a":[{},{"rate_limit":{"limit":1,"limit":2}}]}')).toEqual([
      { field: 'a[1].rate_limit.limit', message: 'is given more than once' },
    ]);
  });
});

describe('every fault is listed at once, each with its path', () => {
  it('for faults of different kinds', () => {
    const text = String.raw`{"a":1,"a":2,"__proto__":{},"n":[1,1e400,9007199254740993],"s":"\u0000","t":["\ud800"],
      "k\u0000":1,"deep":{"constructor":{"prototype":{"x":1}}}}`;
    expect(refusalOf(text)).toEqual([
      { field: 'a', message: 'is given more than once' },
      { field: '__proto__', message: 'is not an allowed field name' },
      { field: 'n[1]', message: 'is a number too large to be read exactly' },
      { field: 'n[2]', message: 'is a number too large to be read exactly' },
      { field: 's', message: 'must not contain the character U+0000' },
      { field: 't[0]', message: 'must not contain half of a surrogate pair' },
      { field: String.raw`["k\u0000"]`, message: 'must not contain the character U+0000' },
      { field: 'deep.constructor.prototype', message: 'is not an allowed field name' },
    ]);
  });

  it('up to a number that keeps the answer smaller than a flood', () => {
    const faults = refusalOf(`{${'"a":1,'.repeat(9_000)}"b":1}`);
    expect(faults).toHaveLength(501);
    expect(faults.at(-1)).toEqual({ field: '', message: 'has 8499 more faults' });
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n '],
    ['an unfinished object', '{"a":1'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{"a":1/* b */}'],
    ['single quotes', "{'a':1}"],
    ['two values', '{} {}'],
    ['NaN', '[NaN]'],
    ['a leading zero', '[01]'],
    ['a raw line break in a string', '"a\nb"'],
    ['an unknown escape', String.raw`"\x"`],
    ['a no-break space between tokens', '{\u00a0"a":1}'],
    ['33 levels', '['.repeat(33) + ']'.repeat(33)],
    ['60,000 levels', '['.repeat(60_000)],
    ['60,000 levels after a broken string', '{"a":"\n,"b":' + '['.repeat(60_000)],
    ['__proto__ at any depth', '[{"a":{"__proto__":null}}]'],
    ['__proto__ spelled with escapes', String.raw`{"__pr\u006fto__":{"admin":true}}`],
    ['NUL in a string', String.raw`["\u0000"]`],
    ['NUL in a key', String.raw`{"a\u0000":1}`],
    ['a lone surrogate in a string', String.raw`["\udc00\ud800x"]`],
    ['a lone surrogate in a key', String.raw`{"\uD83D":1}`],
    ['a lone surrogate that is no escape', '"\ud800"'],
    ['a number too large', '-1e309'],
    ['2^53, which 2^53+1 is also read as', '9007199254740992'],
  ])('%s', (_what, text) => {
    expect(refusalOf(text)).toHaveLength(1);
  });

  it('says where malformed JSON breaks, and never quotes it', () => {
    const faults = refusalOf('{"token":"tkn_live_secret",\n "scopes": [tkn_live_secret]}');
    expect(faults).toEqual([{ field: '', message: 'is not valid JSON at line 2, column 13' }]);
  });

  it('shortens a field name so far that it cannot hold a secret', () => {
    const secret = 'tkn_live_0123456789abcdefghijABCDEFGHIJ012345';
    expect(refusalOf(`{"${secret}":1,"${secret}":2}`)[0]?.field).toBe('["tkn_live…"]');
  });

  it('bytes that are no UTF-8, without harm to the next body', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe2, 0x82],
    ]) {
      expect(refusalOf(Buffer.from(bytes))).toEqual([{ field: '', message: 'is not valid UTF-8' }]);
      expect(parseJson(Buffer.from('"ü"'))).toEqual({ value: 'ü' });
    }
  });
});

describe('whatever is sent', () => {
  const jsonLike = fc
    .array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '\\u0000',
        '\\ud800',
        '1',
        '-',
        'e',
        '.',
        'true',
        ' ',
        '\n',
        '"a"',
        '"__proto__"',
        '/',
      ),
    )
    .map((tokens) => tokens.join(''));
  const mutated = fc
    .tuple(fc.json(), fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
    .map(
      ([text, at, junk]) =>
        text.slice(0, at % (text.length + 1)) + junk + text.slice((at % (text.length + 1)) + 1),
    );

  it('is either what JSON.parse reads or a 400 with at least one fault, never another error', () => {
    fc.assert(
      fc.property(fc.oneof(jsonLike, mutated, fc.string({ unit: 'binary' }), fc.json()), (text) => {
        let value: unknown;
        try {
          ({ value } = parseJson(text));
        } catch {
          expect(refusalOf(text).length).toBeGreaterThan(0);
          return;
        }
        expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          parseJson(bytes);
        } catch {
          expect(refusalOf(bytes).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
