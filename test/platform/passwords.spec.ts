import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashPassword, isPassword } from '../../src/platform/passwords/password-hasher.js';
import { passwordFault } from '../../src/platform/passwords/password-rules.js';
import { Turns } from '../../src/platform/passwords/turns.js';

describe('a password', () => {
  it.each([
    ...[
      'password1234',
      'Password1234!',
      'P@ssw0rd1234',
      'passwordpassword',
      'letmein-letmein',
      '123456789012',
    ],
    ...['qwertyuiop123', 'qwertyuiopasdf', 'aaaaaaaaaaaa', 'abcabcabcabc', 'iloveyou2026!', 'admin-admin-12'],
    ...['Welcome2Welcome', '1q2w3e4r5t6y', '987654321098', 'zyxwvutsrqpo', 'Summer2026!!!', 'tooken-tooken'],
    ...['ｐａｓｓｗｏｒｄ１２３４', '            ', '!!!!!!!!!!!!'],
  ])('%s is one of those that are guessed first', (password) => {
    expect(passwordFault(password)).toMatch(/guessed first/);
  });

  it.each([
    'grey kettle, seven spoons',
    'correct horse battery staple',
    'Zwölf Boxkämpfer jagen',
    'vK3#pQ9!mZ2x',
    'lkjhwerpoixc',
    'пароль для своих',
    '🦊🦊🐢 and a fence',
  ])('%s is taken', (password) => {
    expect(passwordFault(password)).toBeNull();
  });

  it('has 12 to 128 characters, however many bytes they take; nothing else is asked of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 200 }), (password) => {
        const { length } = Array.from(password);
        const isOfLength = length >= 12 && length <= 128;
        expect((passwordFault(password) ?? '').includes('must have')).toBe(!isOfLength);
      }),
    );
    expect(passwordFault('🐢🦊'.repeat(6).slice(0, -4))).toMatch(/must have/);
  });

  it('is kept so that it can be recognised, on whatever keyboard it was typed, and not read', async () => {
    const hashed = await hashPassword('grüne Möwen im März');
    expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPassword('grüne Möwen im März'.normalize('NFD'), hashed)).toBe(true);
    expect(await isPassword('grüne Möwen im Mai', hashed)).toBe(false);
    expect(await hashPassword('grüne Möwen im März')).not.toBe(hashed);
  });

  it('of nobody is never right', async () => {
    expect(await isPassword('nobody has this password', null)).toBe(false);
  });

  it('is hashed while others wait for that, and holds up nothing else that needs a thread', async () => {
    const done: string[] = [];
    const hashes = Array.from({ length: 16 }, () => hashPassword('x').then(() => done.push('a password')));
    const other = promisify(pbkdf2)('x', 'y', 1, 32, 'sha256').then(() => done.push('something else'));
    await Promise.all([...hashes, other]);
    expect(done).toHaveLength(17);
    // Node has four threads: were they all taken, twelve would be done before.
    expect(done.indexOf('something else')).toBeLessThan(12);
  });
});

describe('of those who want a turn', () => {
  it('some have it, some wait in order, and the rest are refused before anything is done', async () => {
    const turns = new Turns({ atOnce: 2, waiting: 3 });
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3, 4, 5].map((each) =>
      turns.take(() => {
        begun.push(each);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await expect(all[5]).rejects.toMatchObject({ code: 'unavailable' });
    expect(begun).toEqual([0, 1]);
    for (let at = 0; at < 5; at++) {
      ends[at]!();
      await all[at];
    }
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('whoever comes after a failure has theirs', async () => {
    const turns = new Turns({ atOnce: 1, waiting: 1 });
    await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.take(() => Promise.resolve('yes'))).toBe('yes');
  });
});
