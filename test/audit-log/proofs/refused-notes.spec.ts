import { randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkpointBody, openCheckpoint, parseCheckpoint } from '../../../src/audit-log/proofs/checkpoint.js';
import {
  keyId,
  NoteError,
  noteSigner,
  parseVerifierKey,
  publicKeyBytes,
  signingKeyFromSeed,
  verifierKey,
} from '../../../src/audit-log/proofs/note-keys.js';
import { openNote, signNote } from '../../../src/audit-log/proofs/note.js';
import { ENOCH, PETER, TEXT } from './known-notes.js';

const peter = parseVerifierKey(PETER.vkey);
const enoch = parseVerifierKey(ENOCH.vkey);
const signed = `${TEXT}\n${PETER.line}`;

/** A good signature of a text that cannot be one of a note. */
function signedAnyway(text: string): string {
  const signature = sign(null, Buffer.from(text), signingKeyFromSeed(PETER.seed));
  const base64 = Buffer.concat([Buffer.from(peter.id, 'hex'), signature]).toString('base64');
  return `${text}\n— PeterNeumann ${base64}\n`;
}

function expectRefused(note: string | Buffer, known = [peter]): void {
  expect(() => openNote(note, known)).toThrow(NoteError);
}

describe('a note is refused', () => {
  it('when any bit of it is another', () => {
    const bytes = Buffer.from(signed);
    const accepted: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      try {
        openNote(flipped, [peter]);
        accepted.push(bit);
      } catch (error) {
        expect(error).toBeInstanceOf(NoteError);
      }
    }
    expect(accepted).toEqual([]);
  });

  it('when a character is left out, doubled or added anywhere', () => {
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.constantFrom(' ', '\n', '=', 'A', '—', '+'), (at, more) => {
        expectRefused(signed.slice(0, at) + signed.slice(at + 1));
        expectRefused(signed.slice(0, at + 1) + signed.slice(at));
        expectRefused(signed.slice(0, at) + more + signed.slice(at));
      }),
    );
    for (const more of ['\n', 'x', PETER.line.slice(0, -1)]) expectRefused(signed + more);
  });

  it('when no known key has signed it', () => {
    expectRefused(signed, []);
    expectRefused(signed, [enoch]);
    expectRefused(TEXT);
    expectRefused(`${TEXT}\n`);
    expectRefused('');
  });

  it('when a known key’s signature is wrong, even beside a good one', () => {
    const wrong = ENOCH.line.replace('5n2t', '5n3t');
    expect(openNote(signed + wrong, [peter]).signers).toEqual([peter]);
    expectRefused(signed + wrong, [peter, enoch]);
    expectRefused(`${TEXT}\n${wrong}${PETER.line}`, [peter, enoch]);
    expectRefused(signed + PETER.line.replace('N1FF', 'N2FF'));
  });

  it('when another key of the same name has signed it, or the same key under another name', () => {
    const key = signingKeyFromSeed(randomBytes(32));
    expectRefused(signNote(TEXT, noteSigner('PeterNeumann', key)));
    expectRefused(signNote(TEXT, noteSigner('CarmenSandiego', signingKeyFromSeed(PETER.seed))));
    expectRefused(signed.replace('PeterNeumann', 'CarmenSandiego'));
    // A stranger who claims the id of a known key, which is short enough to be found.
    expectRefused(signNote(TEXT, { ...noteSigner('PeterNeumann', key), id: peter.id }));
  });

  it('when two of the known keys cannot be told apart', () => {
    expectRefused(signed, [peter, parseVerifierKey(PETER.vkey)]);
    expectRefused(signed, [peter, { ...enoch, name: peter.name, id: peter.id }]);
  });

  it('with a malformed signature, whoever’s it is', () => {
    const lines = [
      'an unexpected line\n',
      '\n',
      '—\n',
      '— \n',
      '— name\n',
      '— name \n',
      '—  name AAAAAAA=\n',
      '- name AAAAAAA=\n',
      '– name AAAAAAA=\n',
      ' — name AAAAAAA=\n',
      '— na me AAAAAAA=\n',
      '— na+me AAAAAAA=\n',
      '— na\u00a0me AAAAAAA=\n',
      '— na\u2003me AAAAAAA=\n',
      '— na\u0085me AAAAAAA=\n',
      '— name AAAAAAA= \n',
      '— name AAAAAAA\n',
      '— name AAAAAA==\n',
      '— name AAAAAAB=\n',
      '— name AAAA_AA=\n',
      '— name AA\u00a0AAAAA=\n',
      '— name AAAAAAA=\r\n',
      '— name AAAA\tAAA=\n',
      '— name AAAAAAA=',
    ];
    expect(openNote(`${signed}— name AAAAAAA=\n`, [peter]).signers).toEqual([peter]);
    for (const line of lines) expectRefused(signed + line);
    for (const line of lines.slice(0, -1)) expectRefused(`${TEXT}\n${line}${PETER.line}`);
  });

  it('with more than a hundred signatures, or more than a million characters', () => {
    expectRefused(`${TEXT}\n${PETER.line.repeat(101)}`);
    expectRefused(`${signed}— name ${'A'.repeat(1_000_000)}\n`);
  });

  it('with control characters or broken UTF-8', () => {
    const signer = noteSigner('PeterNeumann', signingKeyFromSeed(PETER.seed));
    for (const text of ['a\u0000\n', 'a\tb\n', 'a\r\n', 'a\u001f\n', 'a\ud800\n', 'no line feed', '']) {
      expect(() => signNote(text, signer)).toThrow(NoteError);
    }
    const [body, line] = [Buffer.from('a\n\n'), Buffer.from(PETER.line)];
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80], [0x00], [0x0d]]) {
      expectRefused(Buffer.concat([Buffer.from(bad), body, line]));
    }
    for (const text of ['a\u0000\n', 'a\tb\n', 'a\r\n', 'a\ud800\n']) expectRefused(signedAnyway(text));
    // Read with a forgiving eye, broken bytes become U+FFFD: what was signed here, but not what is written.
    const replaced = Buffer.from(signedAnyway('a\ufffd\n'));
    expect(openNote(replaced, [peter]).text).toBe('a\ufffd\n');
    expectRefused(Buffer.concat([Buffer.from('a\xff', 'latin1'), replaced.subarray(4)]));
    expectRefused(`\ufeff${signed}`);
    expectRefused(Buffer.from(`\ufeff${signed}`));
  });
});

describe('a verifier key is refused', () => {
  it('when it is malformed, of another kind, or has another id than it must', () => {
    const key = publicKeyBytes(peter.key);
    const base64 = (...bytes: (Buffer | number[])[]) =>
      Buffer.concat(bytes.map((part) => Buffer.from(part))).toString('base64');
    const keys = [
      '',
      'PeterNeumann',
      'PeterNeumann+c74f20a3',
      'PeterNeumann+c74f20a3+',
      PETER.vkey.replace('c74f', 'C74F'),
      PETER.vkey.replace('c74f', 'c74e'),
      PETER.vkey.replace('c74f', 'c74'),
      PETER.vkey.replace('Peter', 'Petra'),
      PETER.vkey.replace('Peter', 'Peter '),
      PETER.vkey.replace('Peter', 'Peter+'),
      PETER.vkey.replace('PeterNeumann', ''),
      PETER.vkey.replace('ARpc', 'ARqc'),
      `${PETER.vkey}\n`,
      ` ${PETER.vkey}`,
      `${PETER.vkey}=`,
      `PRIVATE+KEY+${PETER.vkey}`,
      `PeterNeumann+c74f20a3+${base64([2], key)}`,
      `PeterNeumann+c74f20a3+${base64(key)}`,
      `PeterNeumann+c74f20a3+${base64([1], key, [0])}`,
      `PeterNeumann+c74f20a3+${base64([1], key.subarray(1))}`,
      ...[key.subarray(1), Buffer.concat([key, Buffer.alloc(1)]), Buffer.alloc(0)].map(
        (bytes) => `name+${keyId('name', bytes)}+${base64([1], bytes)}`,
      ),
      ...['a name', 'a\u0085name', 'a\nname'].map(
        (name) => `${name}+${keyId(name, key)}+${base64([1], key)}`,
      ),
    ];
    expect(parseVerifierKey(`name+${keyId('name', key)}+${base64([1], key)}`).name).toBe('name');
    for (const text of keys) expect(() => parseVerifierKey(text)).toThrow(NoteError);
  });

  it('when it is to be made with a name that no note could hold', () => {
    const key = signingKeyFromSeed(PETER.seed);
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u0000', 'a\u2028b', 'a\u3000b', '\ud800']) {
      expect(() => verifierKey(name, publicKeyBytes(key))).toThrow(NoteError);
      expect(() => noteSigner(name, key)).toThrow(NoteError);
    }
    expect(() => verifierKey('name', Buffer.alloc(31))).toThrow(RangeError);
  });
});

describe('a checkpoint is refused', () => {
  const root = Buffer.alloc(32, 7);
  const hash = root.toString('base64');

  it('when it is malformed', () => {
    const bodies = [
      '',
      '\n',
      'origin\n',
      'origin\n1\n',
      `origin\n1\n${hash}`,
      `\n1\n${hash}\n`,
      `origin\n\n${hash}\n`,
      `origin\n1\n\n`,
      `origin\n1\n${hash}\n\n`,
      `origin\n1\n${hash}\nextension`,
      `origin\n1\n${hash}\nextension\n\n`,
      `origin\n1\n${hash}\n\nextension\n`,
      ...[
        '01',
        '00',
        '-1',
        '+1',
        '1.0',
        '1e3',
        '0x1',
        ' 1',
        '1 ',
        '١',
        '',
        'NaN',
        '9007199254740992',
        '1_0',
      ].map((size) => `origin\n${size}\n${hash}\n`),
      ...[
        hash.slice(0, -1),
        `${hash}=`,
        hash.replaceAll('B', '-'),
        ` ${hash}`,
        hash.slice(4),
        `AAAA${hash}`,
      ].map((text) => `origin\n1\n${text}\n`),
    ];
    for (const body of bodies) expect(() => parseCheckpoint(body)).toThrow(NoteError);
  });

  it('when it is of another log that the same key signs for', () => {
    const signer = noteSigner('PeterNeumann', signingKeyFromSeed(PETER.seed));
    const note = signNote(checkpointBody({ origin: 'this', size: 1, root }), signer);
    expect(openCheckpoint(note, 'this', [peter]).size).toBe(1);
    expect(() => openCheckpoint(note, 'that', [peter])).toThrow(NoteError);
    expect(() => openCheckpoint(note, 'this', [enoch])).toThrow(NoteError);
    expect(() => openCheckpoint(note.replace('\n1\n', '\n2\n'), 'this', [peter])).toThrow(NoteError);
  });

  it('when it is to be written of what is no tree', () => {
    for (const size of [-1, 0.5, NaN, 2 ** 53]) {
      expect(() => checkpointBody({ origin: 'o', size, root })).toThrow(RangeError);
    }
    for (const bytes of [0, 31, 33]) {
      expect(() => checkpointBody({ origin: 'o', size: 1, root: Buffer.alloc(bytes) })).toThrow(RangeError);
    }
    for (const origin of ['', 'a\nb']) {
      expect(() => checkpointBody({ origin, size: 1, root })).toThrow(NoteError);
    }
  });
});
