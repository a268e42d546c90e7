import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstHandleAt, HANDLE_PREFIXES, isHandle, newHandle } from '../../src/platform/ids.js';

const prefixes = fc.constantFrom(...HANDLE_PREFIXES);
const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });

/** The UUID in a TypeID, read by its specification: base32 of 130 bits, the first two of them zero. */
function uuidOf(handle: string): bigint {
  const suffix = handle.slice(handle.lastIndexOf('_') + 1);
  return [...suffix].reduce((sum, digit) => {
    const value = '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(digit);
    expect(value).toBeGreaterThanOrEqual(0);
    return sum * 32n + BigInt(value);
  }, 0n);
}

describe('a handle', () => {
  it('is its prefix and a valid UUIDv7 of its time, as an independent TypeID decoder reads it', () => {
    fc.assert(
      fc.property(prefixes, times, (prefix, at) => {
        const handle = newHandle(prefix, at);
        expect(handle).toMatch(new RegExp(`^${prefix}_[0-9a-z]{26}$`));
        const uuid = uuidOf(handle);
        expect(uuid < 2n ** 128n).toBe(true);
        expect(uuid >> 80n).toBe(BigInt(at));
        expect((uuid >> 76n) & 0xfn).toBe(7n);
        expect((uuid >> 62n) & 0b11n).toBe(0b10n);
      }),
    );
  });

  it('sorts by time', () => {
    fc.assert(
      fc.property(prefixes, times, times, (prefix, one, other) => {
        fc.pre(one < other);
        expect(newHandle(prefix, one) < newHandle(prefix, other)).toBe(true);
        expect(firstHandleAt(prefix, other) > newHandle(prefix, one)).toBe(true);
        expect(firstHandleAt(prefix, one) <= newHandle(prefix, one)).toBe(true);
      }),
    );
  });

  it('sorts by its making within one millisecond, and is never made twice', () => {
    const made = Array.from({ length: 4000 }, () => newHandle('evt', 1_800_000_000_000));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('is told from what is none, and from those of other kinds', () => {
    fc.assert(
      fc.property(prefixes, prefixes, times, (prefix, other, at) => {
        expect(isHandle(prefix, newHandle(other, at))).toBe(prefix === other);
      }),
    );
    const handle = newHandle('key', Date.now());
    for (const text of [
      '',
      'key_',
      handle.slice(0, -1),
      `${handle}0`,
      `${handle}\n`,
      handle.toUpperCase(),
      handle.replace('key_', 'key-'),
      handle.replace('_0', '_8'),
      ...['i', 'l', 'o', 'u', '-', 'é', '\u0000'].map((wrong) => handle.slice(0, -1) + wrong),
    ]) {
      expect({ text, isHandle: isHandle('key', text) }).toEqual({ text, isHandle: false });
    }
  });
});
