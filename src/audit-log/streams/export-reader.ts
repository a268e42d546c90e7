import type { AuditAction } from '../audit-actions.js';
import { decodeBase64 } from '../proofs/base64.js';
import { HASH_BYTES, leafHash } from '../proofs/merkle.js';
import { EXPORT_FORMAT, type DamagedLine, type DroppedLine, type Manifest } from './export-format.js';
import type { ManifestLine, SkippedLine, TreeLine } from './export-format.js';
import { leafOfLine, writeOrdered, type LineReading } from './exported-line.js';
import { coverOf, LeafRange } from './leaf-range.js';
import { lengthOf, placesWithout, type Stretch } from './stretch.js';

const RETENTION: AuditAction = 'audit.retain';

/** Something that is wrong with an export, in plain words. */
export class ExportError extends Error {
  override readonly name = 'ExportError';

  constructor(
    message: string,
    readonly place: { index?: number; id?: string } = {},
  ) {
    super(message);
  }
}

/**
 * Rebuilds the tree of a log from the lines of an export, one after the other, and keeps nothing else of them but which
 * places are gone.
 */
export class ExportReader {
  /** All leaves so far: of events, and of what was skipped. */
  readonly range = new LeafRange(0);
  events = 0;
  skipped = 0;
  /** Events that are gone, as an event tells that retention dropped them. */
  dropped = 0;
  /** Places that are said to be gone, and of which no event has told so yet. */
  private untold: Stretch[] = [];
  /** Null until the last line. */
  manifest: Manifest | null = null;
  /** Index of the first event, and of the last. */
  private first: number | null = null;
  private last: number | null = null;
  /** How many leaves the export itself has said to be the log's; what comes to another root came after them. */
  private vouchedFor = 0;

  /** @throws ExportError for the first line that does not fit. */
  take(text: string): void {
    try {
      this.takeLine(text);
    } catch (error) {
      // Whatever a line that was tampered with leads to: it stands where this index is due.
      const place = { index: this.range.end };
      if (!(error instanceof ExportError)) throw new ExportError('is no line of an export', place);
      throw 'index' in error.place ? error : new ExportError(error.message, place);
    }
  }

  private takeLine(text: string): void {
    if (this.manifest !== null)
      throw new ExportError('something follows the manifest, which is the last line');
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) throw new ExportError('is not a JSON object');
    const line = value as Partial<SkippedLine & DroppedLine & DamagedLine & TreeLine & ManifestLine>;
    if ('id' in value) this.takeEvent(text, value.id);
    else if (writeOrdered(value) !== text) throw new ExportError('is not written in the form of RFC 8785');
    else if (line.skipped !== undefined) this.skipped += this.takeGap(line.skipped);
    else if (line.dropped !== undefined) this.takeDropped(line.dropped);
    else if (line.damaged !== undefined) this.takeDamaged(line.damaged);
    else if (line.tree !== undefined) this.takeTree(line.tree);
    else if (line.manifest !== undefined) this.takeManifest(line.manifest);
    else throw new ExportError('is none of the lines that an export has');
  }

  private takeEvent(text: string, said: unknown): void {
    const { id, index, leaf, leafHash: stated, personalOk } = this.readEvent(text, said);
    const place = { index, id };
    this.requireNext(index, place);
    const found = leafHash(leaf);
    if (found.toString('base64') !== stated) {
      throw new ExportError('the event is not what was recorded: its content has another hash', place);
    }
    if (personalOk === false) {
      throw new ExportError(
        'what is personal of the event (names, addresses, user agents) is not what was recorded',
        place,
      );
    }
    this.range.append(found);
    this.events++;
    this.first ??= index;
    this.last = index;
    if (this.untold.length > 0) this.untold = placesWithout(this.untold, droppedAsToldIn(leaf));
  }

  private readEvent(text: string, said: unknown): LineReading {
    try {
      return leafOfLine(text);
    } catch {
      const place = { index: this.range.end, ...(typeof said === 'string' && { id: said }) };
      throw new ExportError('is not the line of an event, byte for byte as an export writes it', place);
    }
  }

  /** @returns how many places that are. */
  private takeGap({ from, to, hashes }: SkippedLine['skipped']): number {
    this.requireNext(from, { index: from });
    const nodes = Number.isSafeInteger(to) ? coverOf(from, to) : [];
    if (nodes.length === 0 || nodes.length !== hashes.length) {
      throw new ExportError(`${hashes.length} hashes cannot stand for the events ${from} to ${to - 1}`, {
        index: from,
      });
    }
    for (const [at, { level }] of nodes.entries()) this.range.append(hashFrom(hashes[at]), level);
    return to - from;
  }

  private takeDropped({ from, to, hashes }: DroppedLine['dropped']): void {
    this.dropped += this.takeGap({ from, to, hashes });
    this.untold.push({ from, to });
  }

  private takeDamaged({ id, index, body }: DamagedLine['damaged']): never {
    const what = body === null ? 'the event in this place is gone' : 'in this place is not what was recorded';
    throw new ExportError(`${what}, says the log of itself`, { index, ...(id !== null && { id }) });
  }

  private takeTree({ size, root }: TreeLine['tree']): void {
    const { end } = this.range;
    if (size !== end) throw new ExportError(`speaks of ${size} events where there have been ${end}`);
    this.requireRoot(root);
    this.vouchedFor = size;
  }

  private takeManifest(manifest: Manifest): void {
    const { events, range, first, last } = this;
    if (manifest.format !== EXPORT_FORMAT) throw new ExportError('is the manifest of another format');
    const said = [manifest.count, manifest.from_index, manifest.to_index, manifest.tree_size];
    const found = [events, first, last, range.end];
    if (said.join() !== found.join()) {
      throw new ExportError(
        `the manifest does not fit: ${inManifest(said)} it says, and here were ${inManifest(found)}`,
      );
    }
    this.requireRoot(manifest.root);
    this.settleUntold(manifest);
    this.manifest = manifest;
  }

  /** With filters the event that tells may not be among those asked for: then nothing is known but that they are not here. */
  private settleUntold({ filters }: Manifest): void {
    const [first] = this.untold;
    if (first === undefined) return;
    if (Object.keys(filters).length === 0) {
      throw new ExportError(
        `the events ${first.from} to ${first.to - 1} are gone, and no event tells that retention dropped them (unless ` +
          'that happened while this was exported: then export it again)',
        { index: first.from },
      );
    }
    const places = lengthOf(this.untold);
    this.dropped -= places;
    this.skipped += places;
  }

  private requireNext(index: number, place: { index: number; id?: string }): void {
    const { end } = this.range;
    if (index === end) return;
    if (!Number.isSafeInteger(index) || index < end) {
      throw new ExportError(`stands out of order or for the second time: index ${end} is next`, place);
    }
    const missing = index === end + 1 ? `event ${end} is` : `events ${end} to ${index - 1} are`;
    throw new ExportError(`${missing} missing before this line`, place);
  }

  /** Of many leaves one is wrong, and nothing says which: only among which it is. */
  private requireRoot(root: string): void {
    if (this.range.root().equals(hashFrom(root))) return;
    const [from, to] = [this.vouchedFor, this.range.end - 1];
    throw new ExportError(
      `of the events ${from} to ${to} at least one is not the log's: they make another root`,
      {
        index: from,
      },
    );
  }
}

/** The places of which this event tells that retention has dropped them, by then. */
function droppedAsToldIn(leaf: string): Stretch[] {
  if (!leaf.includes(`"action":"${RETENTION}"`)) return [];
  const { action, details } = JSON.parse(leaf) as {
    action: string;
    details: { dropped?: [first: number, last: number][] } | null;
  };
  if (action !== RETENTION) return [];
  return (details?.dropped ?? []).map(([first, last]) => ({ from: first, to: last + 1 }));
}

function inManifest([count, from, to, size]: (number | null)[]): string {
  return `${String(count)} events from ${String(from)} to ${String(to)} of a log of ${String(size)}`;
}

function hashFrom(base64: string | undefined): Buffer {
  const hash = base64 === undefined ? null : decodeBase64(base64);
  if (hash?.length !== HASH_BYTES) throw new ExportError('has a hash that is none');
  return hash;
}
