import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkpointBody } from '../../../src/audit-log/proofs/checkpoint.js';
import { leafHash } from '../../../src/audit-log/proofs/merkle.js';
import {
  noteSigner,
  parseVerifierKey,
  publicKeyBytes,
  signingKeyFromSeed,
  verifierKey,
} from '../../../src/audit-log/proofs/note-keys.js';
import { openNote, signNote } from '../../../src/audit-log/proofs/note.js';
import { TreeReader } from '../../../src/audit-log/proofs/tree-reader.js';
import {
  verifyConsistency,
  verifyInclusion,
  type ConsistencyProof,
  type InclusionProof,
} from '../../../src/audit-log/proofs/verify-proof.js';
import {
  goAvailable,
  goExpected,
  goVerify,
  type GoAnswer,
  type GoQuestion,
} from '../../support/go-verifier.js';
import { leafOf, treeOf } from './reference-tree.js';

const SIZE = 1_000;
const tree = treeOf(SIZE);
const reader = new TreeReader(async (ranges) =>
  ranges.map(({ level, first, count }) => {
    const entry = (n: number) => tree.mth(n * 256 ** level, (n + 1) * 256 ** level);
    return Buffer.concat(Array.from({ length: count }, (_, i) => entry(first + i)));
  }),
);

type Inclusion = Omit<InclusionProof, 'leafHash'> & { leaf: Buffer };

/** Both verdicts on the same question: ours, and that of Go's golang.org/x/mod. */
interface Verdicts {
  ours: boolean[];
  gos: boolean[];
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');
const oks = (answers: GoAnswer[]): boolean[] => answers.map(({ ok }) => ok);

async function judgeInclusions(proofs: Inclusion[]): Promise<Verdicts> {
  const questions = proofs.map(({ leaf, index, size, root, path }): GoQuestion => {
    return { kind: 'inclusion', leaf: base64(leaf), index, size, root: base64(root), path: path.map(base64) };
  });
  const ours = proofs.map(({ leaf, ...proof }) => verifyInclusion({ ...proof, leafHash: leafHash(leaf) }));
  return { ours, gos: oks(await goVerify(questions)) };
}

async function judgeConsistencies(proofs: ConsistencyProof[]): Promise<Verdicts> {
  const questions = proofs.map(({ oldRoot, newRoot, path, ...sizes }): GoQuestion => {
    const roots = { oldRoot: base64(oldRoot), newRoot: base64(newRoot) };
    return { kind: 'consistency', ...sizes, ...roots, path: path.map(base64) };
  });
  return { ours: proofs.map(verifyConsistency), gos: oks(await goVerify(questions)) };
}

async function inclusionOf(index: number, size: number): Promise<Inclusion> {
  const [root, path] = [await reader.root(size), await reader.inclusion(index, size)];
  return { leaf: leafOf(index), index, size, root, path };
}

async function consistencyOf(oldSize: number, newSize: number): Promise<ConsistencyProof> {
  const [oldRoot, newRoot] = [await reader.root(oldSize), await reader.root(newSize)];
  return { oldSize, oldRoot, newSize, newRoot, path: await reader.consistency(oldSize, newSize) };
}

/** Random pairs a ≤ b of 1 … SIZE, the edges of tiles among them. */
function pairs(count: number): [number, number][] {
  const size = fc.oneof(fc.integer({ min: 1, max: SIZE }), fc.constantFrom(1, 255, 256, 257, 512, 768, SIZE));
  return fc.sample(fc.tuple(size, size), count).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
}

function flipped(hash: Buffer): Buffer {
  const copy = Buffer.from(hash);
  copy[Math.floor(Math.random() * copy.length)]! ^= 1 << Math.floor(Math.random() * 8);
  return copy;
}

/** A path with a bit changed, one hash less, one more, and two exchanged. */
function spoilt(path: readonly Buffer[]): Buffer[][] {
  const more = [...path, randomBytes(32)];
  if (path.length === 0) return [more];
  const at = Math.floor(Math.random() * path.length);
  const exchanged = path.length > 1 ? [[path[1]!, path[0]!, ...path.slice(2)]] : [];
  return [more, path.with(at, flipped(path[at]!)), path.toSpliced(at, 1), ...exchanged];
}

const all = (length: number, verdict: boolean): boolean[] => Array.from({ length }, () => verdict);

/**
 * Of the last character of base64 not every bit counts. Go passes over those that do not, and sees the same signature;
 * we refuse them.
 */
function saysSomethingElse(text: string): (changed: string) => boolean {
  const bytesOf = (note: string): string =>
    note.replace(/[^ ]+\n$/, (signature) => Buffer.from(signature, 'base64').toString('hex'));
  return (changed) => !changed.endsWith('=\n') || bytesOf(changed) !== bytesOf(text);
}

const available = goAvailable();
const REASON = 'needs Go and golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)';
const describeWithGo = available ? describe : describe.skip;
if (!available) console.warn(`Skipped: what Go’s own verifier says of our proofs ${REASON}.`);

(available || goExpected ? it : it.skip)(`Go judges what the product says of its log: ${REASON}`, () => {
  expect(available).toBe(true);
});

describeWithGo('Go’s own verifier', () => {
  it('accepts every inclusion proof of ours', async () => {
    const proofs = await Promise.all(pairs(200).map(([index, size]) => inclusionOf(index - 1, size)));
    const { ours, gos } = await judgeInclusions(proofs);
    expect(gos).toEqual(all(proofs.length, true));
    expect(ours).toEqual(gos);
  });

  it('refuses, as we do, an inclusion proof in which anything is changed', async () => {
    const proofs = await Promise.all(pairs(100).map(([index, size]) => inclusionOf(index - 1, size)));
    const changed = proofs.flatMap((proof) => [
      ...spoilt(proof.path).map((path) => ({ ...proof, path })),
      { ...proof, root: flipped(proof.root) },
      { ...proof, leaf: Buffer.concat([proof.leaf, Buffer.from(' ')]) },
      { ...proof, index: proof.index + 1 },
      { ...proof, index: proof.index - 1 },
      { ...proof, size: 0 },
    ]);
    const { ours, gos } = await judgeInclusions(changed);
    expect(gos).toEqual(all(changed.length, false));
    expect(ours).toEqual(gos);
  });

  it('accepts every consistency proof of ours', async () => {
    const proofs = await Promise.all(pairs(200).map((sizes) => consistencyOf(...sizes)));
    const { ours, gos } = await judgeConsistencies(proofs);
    expect(gos).toEqual(all(proofs.length, true));
    expect(ours).toEqual(gos);
  });

  it('refuses, as we do, a consistency proof in which anything is changed', async () => {
    const proofs = await Promise.all(pairs(100).map((sizes) => consistencyOf(...sizes)));
    const changed = proofs.flatMap((proof) => [
      ...spoilt(proof.path).map((path) => ({ ...proof, path })),
      { ...proof, oldRoot: flipped(proof.oldRoot) },
      { ...proof, newRoot: flipped(proof.newRoot) },
      { ...proof, oldSize: 0 },
      { ...proof, newSize: 0 },
    ]);
    const { ours, gos } = await judgeConsistencies(changed);
    expect(gos).toEqual(all(changed.length, false));
    expect(ours).toEqual(gos);
  });

  it('agrees with us on any pair of sizes claimed for a proof', async () => {
    const claims = pairs(25);
    const included = await Promise.all(claims.map(([index, size]) => inclusionOf(index - 1, size)));
    const inclusions = await judgeInclusions(
      included.flatMap((proof) => claims.map(([index, size]) => ({ ...proof, index: index - 1, size }))),
    );
    expect(inclusions.ours).toEqual(inclusions.gos);
    const grown = await Promise.all(claims.map((sizes) => consistencyOf(...sizes)));
    const consistencies = await judgeConsistencies(
      grown.flatMap((proof) => claims.map(([oldSize, newSize]) => ({ ...proof, oldSize, newSize }))),
    );
    expect(consistencies.ours).toEqual(consistencies.gos);
  });

  it('opens our checkpoints with our verifier keys', async () => {
    const seeds = fc
      .sample(fc.uint8Array({ minLength: 32, maxLength: 32 }), 50)
      .map((seed) => Buffer.from(seed));
    const notes = seeds.map((seed, i) => signedCheckpoint(seed, i));
    const answers = await goVerify(notes.map(({ text, vkey }) => ({ kind: 'note', text, vkey })));
    expect(answers).toEqual(notes.map(({ body }) => ({ ok: true, signed: body })));
  });

  it('refuses, as we do, a checkpoint in which any byte is changed, or of another key', async () => {
    const { text, vkey } = signedCheckpoint(randomBytes(32), 7);
    const changed = [...text].map((character, at) => {
      const other = character === 'x' ? 'y' : 'x';
      return text.slice(0, at) + other + text.slice(at + 1);
    });
    const questions = [
      ...changed
        .filter(saysSomethingElse(text))
        .map((each): GoQuestion => ({ kind: 'note', text: each, vkey })),
      { kind: 'note' as const, text, vkey: signedCheckpoint(randomBytes(32), 7).vkey },
    ];
    expect(oks(await goVerify(questions))).toEqual(all(questions.length, false));
    for (const each of changed) expect(() => openNote(each, [parseVerifierKey(vkey)])).toThrow();
    expect(oks(await goVerify([{ kind: 'note', text, vkey }]))).toEqual([true]);
  });

  it('hashes leaves as we do', async () => {
    const leaves = fc.sample(fc.uint8Array({ maxLength: 2_000 }), 50).map((leaf) => Buffer.from(leaf));
    const proofs = leaves.map((leaf) => ({ leaf, index: 0, size: 1, root: leafHash(leaf), path: [] }));
    expect((await judgeInclusions(proofs)).gos).toEqual(all(leaves.length, true));
  });
});

function signedCheckpoint(seed: Buffer, i: number): { text: string; body: string; vkey: string } {
  const key = signingKeyFromSeed(seed);
  const origin = `example.com/audit/${i}`;
  const body = checkpointBody({ origin, size: i, root: tree.root(i) });
  return {
    text: signNote(body, noteSigner(origin, key)),
    body,
    vkey: verifierKey(origin, publicKeyBytes(key)),
  };
}
