import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPattern, isReserved, MAX_SCOPE_LENGTH, parseScope } from '../../src/scopes/grammar.js';
import { isOwnScope, OWN_SCOPE_DESCRIPTIONS, OWN_SCOPES } from '../../src/scopes/own-scopes.js';

const accepted = (text: string): boolean => parseScope(text).ok;

describe('scope grammar', () => {
  it.each([
    'invoices:read',
    'a:b:c',
    'a:b:c:d',
    'a:*',
    'a:b:*',
    'a:b:c:*',
    '0:1',
    'my_app.v2:line-items',
    '.:-',
    'token:read',
    'tokens2:read',
    'invoices:tokens',
    ...OWN_SCOPES,
    'tokens:*',
    'audit:*',
    'scopes:*',
  ])('accepts %j', (text) => {
    expect(parseScope(text)).toEqual({ ok: true });
  });

  it.each([
    ['the empty text', ''],
    ['one segment', 'invoices'],
    ['a lone star', '*'],
    ['five segments', 'a:b:c:d:e'],
    ['five segments, the last a star', 'a:b:c:d:*'],
    ['an empty first segment', ':read'],
    ['an empty last segment', 'invoices:'],
    ['an empty middle segment', 'a::b'],
    ['nothing but separators', ':::'],
    ['a star in the middle', 'a:*:b'],
    ['a star in front', '*:read'],
    ['a star beside a letter', 'a:re*'],
    ['two stars', 'a:**'],
    ['two star segments', 'a:*:*'],
    ['an upper-case letter', 'Invoices:read'],
    ['an upper-case last segment', 'invoices:READ'],
    ['a space inside', 'invoices: read'],
    ['a space around', ' invoices:read '],
    ['two scopes in one text', 'a:read b:read'],
    ['a line break at the end', 'invoices:read\n'],
    ['a line break inside', 'a:b\nc:d'],
    ['a NUL', 'invoices:read\0'],
    ['a NUL inside', 'in\0voices:read'],
    ['a Cyrillic a', 'inv\u043eices:re\u0430d'],
    ['a full-width colon', 'invoices\uff1aread'],
    ['a ratio sign for the colon', 'invoices\u2236read'],
    ['a full-width letter', 'invoices:\uff52ead'],
    ['a dotless i', '\u0131nvoices:read'],
    ['a long s', 'invoice\u017f:read'],
    ['a Kelvin sign', '\u212aeys:read'],
    ['a combining accent', 'invoices:re\u0301ad'],
    ['a zero-width space', 'invoices:\u200bread'],
    ['an asterisk operator', 'invoices:\u2217'],
    ['an Arabic digit', 'invoices:\u0661'],
    ['a slash', 'invoices/read'],
    ['a percent escape', 'invoices%3aread'],
    ['quotes', '"a":"b"'],
  ])('refuses %s', (_, text) => {
    expect(parseScope(text)).toEqual({ ok: false, message: expect.any(String) });
  });

  it.each([
    'tokens:delete',
    'tokens:verify:x',
    'tokens:read:*',
    'audit:write',
    'scopes:read:all',
    'audit:a:b:c',
  ])('refuses %j, which Tooken does not have, and names what exists', (text) => {
    const parsed = parseScope(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.message).toContain(`${text.split(':')[0] ?? ''}:*`);
  });

  it('accepts a scope of exactly the longest length and refuses one character more', () => {
    const longest = `a:${'b'.repeat(MAX_SCOPE_LENGTH - 2)}`;
    expect(accepted(longest)).toBe(true);
    expect(accepted(`${longest}b`)).toBe(false);
  });

  it('answers at once, however long the text', () => {
    const started = performance.now();
    for (const text of ['a:'.repeat(500_000), 'a'.repeat(1_000_000), ':'.repeat(1_000_000)]) {
      expect(accepted(text)).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('accepts exactly what the sentence of the contract describes', () => {
    const bySentence = (text: string): boolean => {
      const segments = text.split(':');
      const body = segments.at(-1) === '*' ? segments.slice(0, -1) : segments;
      return (
        text.length <= 128 &&
        segments.length >= 2 &&
        segments.length <= 4 &&
        body.every((part) => part.length > 0 && Array.from(part).every((c) => 'abcz09_.-'.includes(c)))
      );
    };
    const text = fc.string({ unit: fc.constantFrom(...Array.from('abz09_.-::::*A é')), maxLength: 12 });
    fc.assert(
      fc.property(text, (candidate) => {
        expect(accepted(candidate)).toBe(bySentence(candidate));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never echoes the text it refuses, which may be anything', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9, unit: 'binary' }), (text) => {
        const parsed = parseScope(text);
        if (!parsed.ok) expect(parsed.message).not.toContain(text);
      }),
    );
  });
});

describe('the reserved resources', () => {
  it('are reserved as a whole, whatever follows, and no longer or shorter word is', () => {
    for (const scope of [...OWN_SCOPES, 'tokens:*', 'audit:anything', 'scopes:a:b']) {
      expect(isReserved(scope)).toBe(true);
    }
    for (const scope of ['token:read', 'tokens2:read', 'my:tokens', 'tokens.x:read', 'audit-log:read']) {
      expect(isReserved(scope)).toBe(false);
    }
  });

  it('tell a pattern from a scope, and own scopes from wildcards over them', () => {
    expect(['a:*', 'a:b:*', 'tokens:*'].every(isPattern)).toBe(true);
    expect(['a:b', 'a:b:c', 'tokens:read'].some(isPattern)).toBe(false);
    expect(OWN_SCOPES.every(isOwnScope)).toBe(true);
    expect(['tokens:*', 'tokens:', 'invoices:read', 'constructor'].some(isOwnScope)).toBe(false);
  });

  it('describe every own scope in one sentence', () => {
    for (const scope of OWN_SCOPES) expect(OWN_SCOPE_DESCRIPTIONS[scope]).toMatch(/^[A-Z][^.]+\.$/);
  });
});
