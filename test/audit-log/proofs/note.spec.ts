import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkpointBody,
  openCheckpoint,
  parseCheckpoint,
  type Checkpoint,
} from '../../../src/audit-log/proofs/checkpoint.js';
import {
  noteSigner,
  parseVerifierKey,
  publicKeyBytes,
  signingKeyFromSeed,
  verifierKey,
} from '../../../src/audit-log/proofs/note-keys.js';
import { openNote, signNote } from '../../../src/audit-log/proofs/note.js';
import { ENOCH, EXAMPLE, PETER, TEXT } from './known-notes.js';

const names = fc
  .string({ unit: 'binary', minLength: 1 })
  .map((text) => `x${text.replace(/[^!-*,-~é—]/gu, '')}`);
const texts = fc
  .array(fc.string({ unit: 'grapheme' }))
  .map((lines) => `${lines.join('\n').replace(/[\u0000-\u0009\u000b-\u001f]/g, '')}\n`);

function newKey(name: string) {
  const seed = randomBytes(32);
  const key = signingKeyFromSeed(seed);
  return { signer: noteSigner(name, key), vkey: verifierKey(name, publicKeyBytes(key)) };
}

describe('a signing key', () => {
  it('is that of RFC 8032 §7.1 for its seed', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    expect(publicKeyBytes(signingKeyFromSeed(seed)).toString('hex')).toBe(publicKey);
  });

  it('comes from 32 bytes, and is of Ed25519', () => {
    for (const bytes of [0, 31, 33, 64]) {
      expect(() => signingKeyFromSeed(Buffer.alloc(bytes))).toThrow(RangeError);
    }
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    expect(() => noteSigner('name', privateKey)).toThrow(TypeError);
    expect(() => publicKeyBytes(publicKey)).toThrow(TypeError);
    expect(() => noteSigner('name', generateKeyPairSync('ed25519').publicKey)).toThrow(TypeError);
  });
});

describe('a verifier key', () => {
  it('is the one Go makes of the same seed', () => {
    const publicKey = publicKeyBytes(signingKeyFromSeed(PETER.seed));
    expect(verifierKey('PeterNeumann', publicKey)).toBe(PETER.vkey);
  });

  it('gives back name, id and key', () => {
    fc.assert(
      fc.property(names, (name) => {
        const { signer, vkey } = newKey(name);
        const read = parseVerifierKey(vkey);
        expect(read).toMatchObject({ name, id: signer.id });
        expect(publicKeyBytes(read.key)).toEqual(publicKeyBytes(signer.key));
        expect(verifierKey(name, publicKeyBytes(read.key))).toBe(vkey);
      }),
    );
  });

  it('has the id that C2SP signed-note defines', () => {
    const { signer, vkey } = newKey('example.com/log');
    const typed = Buffer.concat([Buffer.from([1]), publicKeyBytes(signer.key)]);
    const id = createHash('sha256').update('example.com/log\n').update(typed).digest('hex').slice(0, 8);
    expect(vkey).toBe(`example.com/log+${id}+${typed.toString('base64')}`);
  });
});

describe('a note', () => {
  it('is signed as Go signs it', () => {
    expect(signNote(TEXT, noteSigner('PeterNeumann', signingKeyFromSeed(PETER.seed)))).toBe(
      `${TEXT}\n${PETER.line}`,
    );
  });

  it('opens to its text and those of its signers who are known', () => {
    const [peter, enoch] = [parseVerifierKey(PETER.vkey), parseVerifierKey(ENOCH.vkey)];
    const note = `${TEXT}\n${PETER.line}${ENOCH.line}`;
    expect(openNote(note, [peter])).toEqual({ text: TEXT, signers: [peter] });
    expect(openNote(note, [enoch])).toEqual({ text: TEXT, signers: [enoch] });
    expect(openNote(Buffer.from(note), [enoch, peter])).toEqual({ text: TEXT, signers: [peter, enoch] });
  });

  it('opens with the key of the specification’s own example', () => {
    const verifier = parseVerifierKey(EXAMPLE.vkey);
    expect(openNote(EXAMPLE.note, [verifier])).toEqual({
      text: 'This is an example message.\n',
      signers: [verifier],
    });
  });

  it('keeps every text, blank lines and lines like signatures too', () => {
    fc.assert(
      fc.property(
        fc.oneof(texts, fc.constantFrom('\n', '\n\n\n', `a\n\n${PETER.line}`)),
        names,
        (text, name) => {
          const [one, two] = [newKey(name), newKey(name)];
          const known = [one, two].map(({ vkey }) => parseVerifierKey(vkey));
          const note = signNote(text, one.signer, two.signer);
          expect(openNote(note, known)).toEqual({ text, signers: known });
          expect(openNote(Buffer.from(note), known.slice(1))).toEqual({ text, signers: known.slice(1) });
        },
      ),
    );
  });

  it('may have sixteen signatures of 5 kB by others, and a hundred in all', () => {
    const { signer, vkey } = newKey('ours');
    const others = Array.from(
      { length: 16 },
      (_, i) => `— other${i} ${randomBytes(5_000).toString('base64')}\n`,
    );
    expect(openNote(signNote('text\n', signer) + others.join(''), [parseVerifierKey(vkey)]).text).toBe(
      'text\n',
    );
    const many = Array.from({ length: 99 }, (_, i) => `— other${i} ${randomBytes(68).toString('base64')}\n`);
    expect(openNote(signNote('text\n', signer) + many.join(''), [parseVerifierKey(vkey)]).text).toBe(
      'text\n',
    );
  });

  it('counts a key once that has signed twice', () => {
    const peter = parseVerifierKey(PETER.vkey);
    expect(openNote(`${TEXT}\n${PETER.line}${PETER.line}`, [peter]).signers).toEqual([peter]);
  });
});

describe('a checkpoint', () => {
  const origins = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  const checkpoints: fc.Arbitrary<Checkpoint> = fc.record({
    origin: origins,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  });

  it('is the three lines of C2SP tlog-checkpoint', () => {
    const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const checkpoint = parseCheckpoint(body);
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
    expect(checkpointBody(checkpoint)).toBe(body);
  });

  it('is read as it was written, extension lines or not', () => {
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        const body = checkpointBody(checkpoint);
        expect(parseCheckpoint(body)).toEqual(checkpoint);
        expect(parseCheckpoint(`${body}an extension\nanother\n`)).toEqual(checkpoint);
      }),
    );
  });

  it('opens with the log’s key and origin', () => {
    const { signer, vkey } = newKey('example.com/log');
    const checkpoint = { origin: 'example.com/log', size: 7, root: randomBytes(32) };
    const note = signNote(checkpointBody(checkpoint), signer);
    expect(openCheckpoint(note, 'example.com/log', [parseVerifierKey(vkey)])).toEqual(checkpoint);
  });
});
