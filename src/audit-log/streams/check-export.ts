import { parseCheckpoint, type Checkpoint } from '../proofs/checkpoint.js';
import { NoteError, parseVerifierKey, type NoteVerifier } from '../proofs/note-keys.js';
import { openNote } from '../proofs/note.js';
import { ExportError, ExportReader } from './export-reader.js';

/** The first thing that is wrong with an export. */
export interface ExportFault {
  /** From 1; null when it is in no line. */
  line: number | null;
  index: number | null;
  id: string | null;
  message: string;
}

export interface ExportCheck {
  ok: boolean;
  /** Events that were read. */
  events: number;
  /** Events of the log that the export does not show. The tree proves how many they are, not what they say. */
  skipped: number;
  /** Events that retention has dropped, as an event in the export tells; others that are gone count as skipped. */
  dropped: number;
  /** Of the log, up to where the export was read. */
  size: number;
  /** So many events of the log, from its first, are vouched for by the evidence: all up to here, or those before a checkpoint. */
  proven: number;
  /** Recomputed from the lines; base64. */
  root: string;
  /** What it was held against; null: nothing, so that it only agrees with itself. */
  checkpoint: { origin: string; size: number; isSigned: boolean } | null;
  fault: ExportFault | null;
}

/** What an export is held against. */
export interface Evidence {
  /** A checkpoint (C2SP signed note) from elsewhere; taken at its word where there is no key. */
  note?: string | undefined;
  /** C2SP verifier key of the log, from elsewhere; without it nobody knows who has signed what is in the export. */
  vkey?: string | undefined;
}

/**
 * Checks an export (NDJSON) in one pass, in little memory and with nothing but what it is given: rebuilds the log's
 * tree from the lines and holds its root against the checkpoint that somebody has kept, and the one in the export.
 * Without any evidence an export only agrees with itself: `ok`, and nothing is proven.
 *
 * @param lines without their line feeds.
 */
export async function checkExport(
  lines: AsyncIterable<string>,
  { note, vkey }: Evidence = {},
): Promise<ExportCheck> {
  const reader = new ExportReader();
  const held: Held = { kept: null, own: null };
  let line: number | null = 0;
  try {
    const key = vkey === undefined ? null : keyFrom(vkey);
    held.kept = note === undefined ? null : new Against(note, key);
    held.kept?.pass(reader);
    for await (const text of lines) {
      line++;
      reader.take(text);
      held.kept?.pass(reader);
    }
    line = null;
    conclude(reader, held, key);
    return checked(reader, held, null);
  } catch (error) {
    return checked(reader, held, { line: line === 0 ? null : line, ...inWords(error) });
  }
}

/** The checkpoints an export was held against: the one from elsewhere, and its own. */
interface Held {
  kept: Against | null;
  own: Against | null;
}

/** A checkpoint, and the root of the export where the checkpoint ends. */
class Against {
  readonly checkpoint: Checkpoint;
  readonly isSigned: boolean;
  private root: Buffer | null = null;

  constructor(note: string, key: NoteVerifier | null) {
    this.isSigned = key !== null;
    // What is signed ends at the last blank line.
    const unsigned = () => note.slice(0, note.lastIndexOf('\n\n') + 1);
    this.checkpoint = parseCheckpoint(key === null ? unsigned() : openNote(note, [key]).text);
  }

  /** To be called wherever the reader may stand where the checkpoint ends. */
  pass({ range }: ExportReader): void {
    if (range.end === this.checkpoint.size) this.root ??= range.root();
  }

  conclude({ range, manifest }: ExportReader): void {
    const { origin, size, root } = this.checkpoint;
    if (origin !== manifest?.origin) {
      throw new ExportError(
        `the checkpoint is of the log ${origin}, the export of ${String(manifest?.origin)}`,
      );
    }
    if (size > range.end) {
      throw new ExportError(`the checkpoint is of ${size} events, the export ends after ${range.end}`);
    }
    if (this.root === null) {
      throw new ExportError(
        `the export skips the place where the checkpoint ends, event ${size}; one of the whole log has it`,
      );
    }
    if (!this.root.equals(root)) {
      throw new ExportError(`the first ${size} events are not those that the checkpoint was signed for`);
    }
  }
}

/** Called after the last line. */
function conclude(reader: ExportReader, held: Held, key: NoteVerifier | null): void {
  if (reader.manifest === null)
    throw new ExportError('the export ends without its manifest: it was cut short');
  const { kept } = held;
  kept?.conclude(reader);
  const { checkpoint } = reader.manifest;
  if (checkpoint === null) {
    // Without it whoever rewrites the events has nothing to forge.
    if (kept === null ? key !== null : kept.checkpoint.size < reader.range.end) throw unproven(kept);
    return;
  }
  held.own = new Against(checkpoint, key);
  const { size } = held.own.checkpoint;
  if (size < reader.range.end) {
    throw new ExportError(`the checkpoint in the export ends before event ${size}, the export does not`, {
      index: size,
    });
  }
  held.own.pass(reader);
  held.own.conclude(reader);
}

function unproven(kept: Against | null): ExportError {
  const from = kept?.checkpoint.size ?? 0;
  return new ExportError(
    `the export has no signed checkpoint: nothing proves its events from ${from} on. The log had signed none, as when ` +
      'it contradicts what it signed before, or somebody has taken it out',
    { index: from },
  );
}

function checked(reader: ExportReader, { kept, own }: Held, fault: ExportFault | null): ExportCheck {
  const { events, skipped, dropped, range } = reader;
  const against = kept ?? own;
  return {
    ok: fault === null,
    events,
    skipped,
    dropped,
    size: range.end,
    proven: fault === null ? provenBy({ kept, own }) : 0,
    root: range.root().toString('base64'),
    checkpoint: against && {
      origin: against.checkpoint.origin,
      size: against.checkpoint.size,
      isSigned: against.isSigned,
    },
    fault,
  };
}

/** What is in the export itself is worth as much as its signature; what somebody has kept is believed. */
function provenBy({ kept, own }: Held): number {
  return own?.isSigned === true ? own.checkpoint.size : (kept?.checkpoint.size ?? 0);
}

function keyFrom(vkey: string): NoteVerifier {
  try {
    return parseVerifierKey(vkey);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw new ExportError(`the public key cannot be read: ${error.message}`);
  }
}

function inWords(error: unknown): Omit<ExportFault, 'line'> {
  if (error instanceof NoteError) {
    return { index: null, id: null, message: `the checkpoint cannot be opened: ${error.message}` };
  }
  // What cannot be read at all is no fault of the export.
  if (!(error instanceof ExportError)) throw error;
  const { index = null, id = null } = error.place;
  return { index, id, message: error.message };
}
