import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuditRow } from '../../src/audit-log/audit-row.js';
import { checkpointBody } from '../../src/audit-log/proofs/checkpoint.js';
import { leafHash } from '../../src/audit-log/proofs/merkle.js';
import {
  noteSigner,
  publicKeyBytes,
  signingKeyFromSeed,
  verifierKey,
} from '../../src/audit-log/proofs/note-keys.js';
import { signNote } from '../../src/audit-log/proofs/note.js';
import { seal } from '../../src/audit-log/recording/seal.js';
import {
  checkExport,
  type Evidence,
  type ExportCheck,
  type ExportFault,
} from '../../src/audit-log/streams/check-export.js';
import { EXPORT_FORMAT } from '../../src/audit-log/streams/export-format.js';
import { exportLine, type PlacedEvent } from '../../src/audit-log/streams/exported-line.js';
import { linesOf } from '../../src/audit-log/streams/lines-of.js';
import { placesWithout, type Stretch } from '../../src/audit-log/streams/stretch.js';
import { coverOf, LeafRange } from '../../src/audit-log/streams/leaf-range.js';
import { rows } from './any-event.js';

const ORIGIN = 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya';
const KEY = signingKeyFromSeed(Buffer.alloc(32, 1));
const VKEY = verifierKey(ORIGIN, publicKeyBytes(KEY));

type Json = Record<string, unknown> & { index: number };

/** A log of so many events. */
function logOf(size: number): PlacedEvent[] {
  return fc.sample(rows, { numRuns: size, seed: size }).map((row, index) => {
    const { body, personal } = seal({
      ...row,
      id: idOf(index),
      actor_id: 'key_1',
      actor_name: 'CI',
      ip: row.request_id && '203.0.113.7',
    }).row;
    return { index: String(index), body, personal, leafHash: leafHash(body) };
  });
}

function idOf(index: number): string {
  return `evt_${String(index).padStart(26, '0')}`;
}

function checkpointOf(log: readonly PlacedEvent[], size: number, origin = ORIGIN): string {
  const root = rootOf(log.slice(0, size));
  return signNote(checkpointBody({ origin, size, root }), noteSigner(origin, KEY));
}

function rootOf(log: readonly PlacedEvent[]): Buffer {
  const range = new LeafRange(0);
  for (const { leafHash: leaf } of log) range.append(leaf);
  return range.root();
}

/** What the product writes, in the plainest way: an export of these events of the log. */
function exported(
  log: readonly PlacedEvent[],
  isShown: (index: number) => boolean = () => true,
  checkpoint: string | null = checkpointOf(log, log.length),
): string[] {
  const lines: string[] = [];
  for (let index = 0; index < log.length;) {
    if (isShown(index)) {
      lines.push(exportLine(log[index]!));
      index++;
    } else {
      let to = index + 1;
      while (to < log.length && !isShown(to)) to++;
      const gap = new LeafRange(index);
      for (const { leafHash: leaf } of log.slice(index, to)) gap.append(leaf);
      const hashes = gap.hashes().map((hash) => hash.toString('base64'));
      lines.push(JSON.stringify({ skipped: { from: index, hashes, to } }));
      index = to;
    }
    if (index % 10 === 0) lines.push(treeLine(log, index));
  }
  const shown = log.map((_event, index) => index).filter(isShown);
  const manifest = {
    checkpoint,
    complete: true,
    count: shown.length,
    epoch: 1,
    filters: {},
    format: EXPORT_FORMAT,
    from_index: shown[0] ?? null,
    log: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya',
    origin: ORIGIN,
    root: rootOf(log).toString('base64'),
    to_index: shown.at(-1) ?? null,
    tree_size: log.length,
  };
  return [...lines, JSON.stringify({ manifest })];
}

function treeLine(log: readonly PlacedEvent[], size: number): string {
  return JSON.stringify({ tree: { root: rootOf(log.slice(0, size)).toString('base64'), size } });
}

async function* streamed(lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield await Promise.resolve(line);
}

const check = (lines: readonly string[], evidence = {}): Promise<ExportCheck> =>
  checkExport(streamed(lines), evidence);

describe('an export that nobody touched', () => {
  it.each([0, 1, 2, 3, 7, 8, 37])('of %i events holds against its checkpoint', async (size) => {
    const log = logOf(size);
    expect(await check(exported(log), { vkey: VKEY })).toEqual({
      ok: true,
      events: size,
      skipped: 0,
      dropped: 0,
      size,
      proven: size,
      root: rootOf(log).toString('base64'),
      checkpoint: { origin: ORIGIN, size, isSigned: true },
      fault: null,
    });
  });

  it('holds whichever of its events it shows, and says how many it does not', async () => {
    const log = logOf(40);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), async (isShown) => {
        const result = await check(
          exported(log, (index) => isShown[index]!),
          { vkey: VKEY },
        );
        const events = isShown.filter(Boolean).length;
        expect(result).toMatchObject({ ok: true, events, skipped: 40 - events, size: 40, fault: null });
      }),
    );
  });

  it('holds with events whose personal data was erased', async () => {
    const log = logOf(12).map((event, at) => (at % 3 === 0 ? { ...event, personal: null } : event));
    expect(await check(exported(log), { vkey: VKEY })).toMatchObject({ ok: true, events: 12 });
  });

  it('holds against any checkpoint of the log that somebody else has kept', async () => {
    const log = logOf(23);
    for (let size = 0; size <= 23; size++) {
      const result = await check(exported(log), { note: checkpointOf(log, size), vkey: VKEY });
      expect(result).toMatchObject({ ok: true, proven: 23, checkpoint: { size } });
    }
  });

  it('is proven as far as what it was held against vouches for it, and not at all without that', async () => {
    const log = logOf(23);
    const [whole, unsigned] = [exported(log), exported(log, undefined, null)];
    const note = checkpointOf(log, 11);
    const shown = async (lines: string[], evidence: Evidence): Promise<unknown> => {
      const { ok, proven, fault } = await check(lines, evidence);
      return { ok, proven, ...(fault && { index: fault.index, message: fault.message }) };
    };
    const fault = (index: number) => ({
      ok: false,
      proven: 0,
      index,
      message: expect.stringMatching(/^the export has no signed checkpoint/),
    });

    expect(await shown(whole, { vkey: VKEY })).toEqual({ ok: true, proven: 23 });
    expect(await shown(whole, { note })).toEqual({ ok: true, proven: 11 });
    expect(await shown(whole, {})).toEqual({ ok: true, proven: 0 });
    expect(await shown(unsigned, {})).toEqual({ ok: true, proven: 0 });
    expect(await shown(unsigned, { vkey: VKEY })).toEqual(fault(0));
    expect(await shown(unsigned, { note })).toEqual(fault(11));
    expect(await shown(unsigned, { note, vkey: VKEY })).toEqual(fault(11));
    expect(await shown(unsigned, { note: checkpointOf(log, 23), vkey: VKEY })).toEqual({
      ok: true,
      proven: 23,
    });
    expect(await shown(exported([], undefined, null), { vkey: VKEY })).toEqual(fault(0));
  });

  it.each([
    ['empty', ''],
    ['no key', 'nonsense'],
    ['with another id', VKEY.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['cut short', VKEY.slice(0, -4)],
  ])('is not proven by a key that is %s', async (_what, vkey) => {
    const log = logOf(3);
    for (const lines of [exported(log), exported(log, undefined, null), []]) {
      for (const note of [undefined, checkpointOf(log, 3)]) {
        expect(await check(lines, { note, vkey })).toMatchObject({
          ok: false,
          fault: { line: null, message: expect.stringMatching(/^the public key cannot be read: /) },
        });
      }
    }
  });

  it('does not hold against what is no checkpoint of its log', async () => {
    const [log, other] = [logOf(23), logOf(24)];
    const notes: [string, RegExp][] = [
      [checkpointOf(other, 11), /the first 11 events are not those/],
      [checkpointOf(other, 24), /of 24 events, the export ends after 23/],
      [checkpointOf(log, 23, 'tooken/elsewhere'), /cannot be opened: no known key/],
      [checkpointOf(log, 23).replace('23', '22'), /cannot be opened: wrong signature/],
      ['nonsense', /cannot be opened/],
    ];
    for (const [note, message] of notes) {
      const { ok, fault } = await check(exported(log), { note, vkey: VKEY });
      expect({ ok, fault }).toEqual({
        ok: false,
        fault: { line: null, index: null, id: null, message: expect.stringMatching(message) },
      });
    }
  });

  it('says so when it skips the place where the checkpoint ends', async () => {
    const log = logOf(16);
    const { fault } = await check(
      exported(log, (index) => index < 2),
      { note: checkpointOf(log, 9) },
    );
    expect(fault?.message).toMatch(/skips the place where the checkpoint ends/);
  });
});

describe('an export of a log from which retention has dropped a month with a ragged edge', () => {
  const TOLD = [
    [0, 4],
    [7, 7],
  ];
  const log = logOf(25).map((event, index) => (index === 20 ? { ...event, ...retention(index) } : event));
  /** Besides what retention has dropped, these are shown as dropped too. */
  const hiding = (...hidden: number[]): string[] => {
    const isGone = (index: number): boolean => index < 5 || index === 7 || hidden.includes(index);
    return exported(log, (index) => !isGone(index)).map((line) => line.replace('{"skipped"', '{"dropped"'));
  };

  it('is proven', async () => {
    expect(await check(hiding(), { vkey: VKEY })).toMatchObject({
      ok: true,
      events: 19,
      skipped: 0,
      dropped: 6,
      proven: 25,
    });
  });

  it.each([
    ['at the edge', 6, 6],
    ['beside the edge', 8, 8],
    ['deep in the log', 14, 14],
    ['after the event that tells', 22, 22],
    ['the one that tells', 20, 0],
  ])('is refused when another event is passed off as dropped: %s', async (_where, hidden, index) => {
    const { ok, fault } = await check(hiding(hidden), { vkey: VKEY });
    expect({ ok, fault }).toEqual({
      ok: false,
      fault: {
        ...{ line: expect.any(Number), index, id: null },
        message: expect.stringMatching(/no event tells that retention dropped/),
      },
    });
  });

  it('counts as not shown what nothing tells that it was dropped, where not all was asked for', async () => {
    const filtered = hiding(6, 14).map((line) => line.replace('"filters":{}', '"filters":{"q":"x"}'));
    expect(await check(filtered, { vkey: VKEY })).toMatchObject({ ok: true, dropped: 6, skipped: 2 });
    const untold = hiding(20).map((line) => line.replace('"filters":{}', '"filters":{"q":"x"}'));
    expect(await check(untold, { vkey: VKEY })).toMatchObject({ ok: true, dropped: 0, skipped: 7 });
  });

  function retention(index: number): Pick<PlacedEvent, 'body' | 'personal' | 'leafHash'> {
    return sealed(index, { action: 'audit.retain', details: { dropped: TOLD } });
  }
});

describe('an export that was tampered with is refused, and the first event that does not fit is named:', () => {
  const log = logOf(25);
  const lines = exported(log);
  /** Where an event stands among the lines: after every tenth comes one about the tree. */
  const lineOf = (index: number): number => index + Math.floor(index / 10);
  const at = 13;
  const [before, line, after] = [lines.slice(0, lineOf(at)), lines[lineOf(at)]!, lines.slice(lineOf(at) + 1)];

  const edited = (change: (event: Json) => void): string[] => {
    const event = JSON.parse(line) as Json;
    change(event);
    return [...before, canonical(event), ...after];
  };
  const own = { line: lineOf(at) + 1, index: at, id: idOf(at) };
  const next = { line: lineOf(at) + 1, index: at + 1, id: idOf(at + 1) };
  const unread = { line: lineOf(at) + 1, index: at, id: null };
  /** What only the root tells: in which part of the export it is. */
  const among = { line: lineOf(20), index: 10, id: null };
  const forged = exportLine({ ...log[at]!, ...sealed(at) });

  /** The same from another hand: whatever of it must fit, does. */
  const rewritten = log.map((event, index) => (index === at ? { ...event, ...sealed(at) } : event));
  const withoutTree = (given: string[]): string[] => given.filter((each) => !each.startsWith('{"tree"'));

  const CASES: [string, string[], Partial<Record<keyof ExportFault, unknown>>][] = [
    ['an action changed', edited((event) => (event.action = 'token.issue')), own],
    ['an outcome changed', edited((event) => (event.outcome = 'success')), own],
    ['a reason changed', edited((event) => (event.reason = 'other')), own],
    ['a count changed', edited((event) => (event.count = 2_000_000_001)), own],
    ['a time changed', edited((event) => (event.occurred_at = '2026-11-21T12:00:00.124Z')), own],
    ['an environment changed', edited((event) => (event.environment = 'elsewhere')), own],
    ['an id changed', edited((event) => (event.id = idOf(99))), { ...own, id: idOf(99) }],
    ['an actor changed', edited((event) => Object.assign(event.actor as object, { id: 'key_2' })), own],
    ['a name changed', edited((event) => Object.assign(event.actor as object, { name: 'CD' })), own],
    ['a name taken away', edited((event) => Object.assign(event.actor as object, { name: null })), own],
    ['a salt changed', edited((event) => Object.assign(event.personal as object, { salt: 'AAAA' })), own],
    ['a salt taken away', edited((event) => Object.assign(event.personal as object, { salt: null })), own],
    [
      'a commitment changed',
      edited((event) => Object.assign(event.personal as object, { commitment: 'AAAA' })),
      own,
    ],
    ['a leaf hash changed', edited((event) => (event.leaf_hash = Buffer.alloc(32).toString('base64'))), own],
    ['details replaced', edited((event) => (event.details = { other: true })), own],
    ['changes replaced', edited((event) => (event.changes = [{ field: 'a', from: 1, to: 2 }])), own],
    ['an index lowered', edited((event) => (event.index = 3)), { ...own, index: 3 }],
    ['an index raised', edited((event) => (event.index = 14)), { ...own, index: 14 }],
    ['an index that is no number', edited((event) => Object.assign(event, { index: '13' })), own],
    ['a field added', edited((event) => (event.more = 1)), own],
    ['a field taken away', edited((event) => Reflect.deleteProperty(event, 'reason')), own],
    ['a field of the same name added', [...before, line.replace('{', '{"action":"me.read",'), ...after], own],
    ['white space added', [...before, ` ${line}`, ...after], own],
    ['members in another order', [...before, reversed(line), ...after], own],
    ['no JSON', [...before, line.slice(0, -1), ...after], unread],
    ['an empty line', [...before, '', line, ...after], unread],
    ['an event deleted', [...before, ...after], next],
    ['the first event deleted', lines.slice(1), { line: 1, index: 1, id: idOf(1) }],
    ['several events deleted', [...before, ...after.slice(3)], { line: own.line, index: 17, id: idOf(17) }],
    ['the last event deleted', lines.filter((each) => !each.includes(idOf(24))), { line: lineOf(24) + 1 }],
    ['an event a second time', [...before, line, line, ...after], { ...own, line: own.line + 1 }],
    ['an event from before', [...before, lines[2]!, line, ...after], { ...own, index: 2, id: idOf(2) }],
    ['two events exchanged', [...before, after[0]!, line, ...after.slice(1)], next],
    ['all events in another order', [...lines].reverse(), { line: 1 }],
    [
      'an invented event at the end',
      [...lines.slice(0, -1), forgedAt(25), lines.at(-1)!],
      { line: lineOf(25) + 2 },
    ],
    ['an invented event in the place of one, hash and all', [...before, forged, ...after], among],
    ['the same, and no word about the tree', withoutTree([...before, forged, ...after]), { index: 0 }],
    ['cut after a line', lines.slice(0, 9), { line: null }],
    ['cut within a line', [...before, line.slice(0, 40)], unread],
    ['cut before the manifest', lines.slice(0, -1), { line: null }],
    ['nothing left of it', [], { line: null }],
    ['something after the manifest', [...lines, lines[0]!], { line: lines.length + 1 }],
    ['a line of another kind', [...before, '{"note":"hello"}', line, ...after], unread],
    [
      'a line about the tree changed',
      [...before, line, ...after].map((each) => each.replace('"size":10}', '"size":11}')),
      { line: 11, index: 10 },
    ],
    [
      'an event declared skipped, with a wrong hash',
      [...before, skip(at, at + 1, [Buffer.alloc(32)]), ...after],
      among,
    ],
    [
      'an event declared skipped twice',
      [...before, skip(at, at + 2, [log[at]!.leafHash]), ...after],
      { ...unread },
    ],
    [
      'an event declared skipped, with its own hash',
      [...before, skip(at, at + 1, [log[at]!.leafHash]), ...after],
      { line: lines.length },
    ],
    [
      'an event whose record the log has lost',
      [
        ...before,
        JSON.stringify({ damaged: { body: null, id: idOf(at), index: at, leaf_hash: 'AAAA' } }),
        ...after,
      ],
      own,
    ],
    ['a manifest of fewer events', withManifest((manifest) => (manifest.count = 24)), { line: lines.length }],
    [
      'a manifest of a smaller log',
      withManifest((manifest) => (manifest.tree_size = 24)),
      { line: lines.length },
    ],
    [
      'a manifest of another log',
      withManifest((manifest) => (manifest.origin = 'tooken/other')),
      { line: null },
    ],
    [
      'a manifest of another format',
      withManifest((manifest) => (manifest.format = 'other')),
      { line: lines.length },
    ],
    [
      'a checkpoint of another log',
      withManifest((manifest) => (manifest.checkpoint = checkpointOf(logOf(26), 25))),
      { line: null },
    ],
    [
      'the same, with the root of it and no checkpoint',
      withoutTree(exported(rewritten, undefined, null)),
      { line: null, index: 0, message: expect.stringMatching(/has no signed checkpoint/) },
    ],
    [
      'the same, with the log’s checkpoint',
      exported(rewritten, undefined, checkpointOf(log, 25)),
      { line: null },
    ],
    [
      'the same, with a checkpoint from before it',
      exported(rewritten, undefined, checkpointOf(log, at)),
      { line: null, index: at },
    ],
    [
      'no checkpoint',
      withManifest((manifest) => (manifest.checkpoint = null)),
      { line: null, index: 0, message: expect.stringMatching(/has no signed checkpoint/) },
    ],
    [
      'an unsigned checkpoint',
      withManifest((manifest) => (manifest.checkpoint = 'a\n1\nb\n')),
      { line: null },
    ],
  ];

  it.each(CASES)('%s', async (_what, tampered, fault) => {
    const result = await check(tampered, { vkey: VKEY });
    expect(result.ok).toBe(false);
    expect(result.fault).toMatchObject({ message: expect.stringMatching(/\w{2,} /), ...fault });
  });

  it('an event changed that comes after the checkpoint somebody kept', async () => {
    for (const checkpoint of [null, checkpointOf(log, 25), checkpointOf(log, at)]) {
      const tampered = exported(rewritten, undefined, checkpoint);
      const result = await check(tampered, { note: checkpointOf(log, at), vkey: VKEY });
      expect(result).toMatchObject({ ok: false, proven: 0 });
    }
  });

  it('whatever a single character of its events is changed to', async () => {
    const text = lines.slice(0, -1).join('\n');
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: text.length - 1 }),
        fc.string({ minLength: 0, maxLength: 1 }),
        async (place, to) => {
          const changed = text.slice(0, place) + to + text.slice(place + 1);

          fc.pre(changed !== text);
          expect((await check([...changed.split('\n'), lines.at(-1)!], { vkey: VKEY })).ok).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  function withManifest(change: (manifest: Record<string, unknown>) => void): string[] {
    const last = JSON.parse(lines.at(-1)!) as { manifest: Record<string, unknown> };
    change(last.manifest);
    return [...lines.slice(0, -1), canonical(last)];
  }
});

describe('the lines of a file', () => {
  it('end at line feeds and nowhere else, however the file is cut into pieces', async () => {
    const line = fc
      .string({ unit: 'binary', maxLength: 20 })
      .map((each) => each.toWellFormed().replaceAll('\n', '\u2028'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (wanted, size) => {
          const bytes = Buffer.from(`${wanted.join('\n')}\n`);
          const found: string[] = [];
          for await (const each of linesOf(pieces(bytes, size))) found.push(each);
          expect(found).toEqual(wanted);
        },
      ),
    );
  });

  async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size)
      yield await Promise.resolve(bytes.subarray(at, at + size));
  }
});

describe('the places of some stretches that are in none of others', () => {
  it('are what remains when each is looked at by itself', () => {
    const places = fc.uniqueArray(fc.nat({ max: 30 })).map((some) => new Set(some));
    fc.assert(
      fc.property(places, places, (some, others) => {
        const left = placesWithout(stretchesOf(some), stretchesOf(others));
        expect(left).toEqual(stretchesOf(new Set([...some].filter((each) => !others.has(each)))));
      }),
    );
  });

  function stretchesOf(places: Set<number>): Stretch[] {
    const found: Stretch[] = [];
    for (let index = 0; index <= 30; index++) {
      if (!places.has(index)) continue;
      if (found.at(-1)?.to === index) found.at(-1)!.to++;
      else found.push({ from: index, to: index + 1 });
    }
    return found;
  }
});

describe('the fewest perfect subtrees of a range', () => {
  it('are what appending its leaves one by one comes to, wherever it begins and ends', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.nat({ max: 300 }), fc.nat({ max: 300 }), (a, b, c) => {
        const [from, middle, to] = [a, b, c].sort((one, other) => one - other) as [number, number, number];
        const whole = rangeOf(from, to);
        expect(whole.hashes()).toHaveLength(coverOf(from, to).length);
        // As when a part of the leaves is known by its subtrees only.
        const joined = rangeOf(from, middle);
        const rest = rangeOf(middle, to).hashes();
        for (const [place, { level }] of coverOf(middle, to).entries()) joined.append(rest[place]!, level);
        expect(joined.hashes()).toEqual(whole.hashes());
        expect(joined.end).toBe(to);
      }),
    );
  });

  function rangeOf(from: number, to: number): LeafRange {
    const range = new LeafRange(from);
    for (let index = from; index < to; index++) range.append(leafHash(String(index)));
    return range;
  }
});

function sealed(
  index: number,
  more: Partial<AuditRow> = {},
): Pick<PlacedEvent, 'body' | 'personal' | 'leafHash'> {
  const [row] = fc.sample(rows, { numRuns: 1, seed: 99 });
  const { body, personal } = seal({ ...row!, id: idOf(index), ...more }).row;
  return { body, personal, leafHash: leafHash(body) };
}

function forgedAt(index: number): string {
  return exportLine({ index: String(index), ...sealed(index) });
}

function skip(from: number, to: number, hashes: Buffer[]): string {
  return JSON.stringify({ skipped: { from, hashes: hashes.map((hash) => hash.toString('base64')), to } });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

function reversed(line: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).reverse()));
}
