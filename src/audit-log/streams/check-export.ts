import { parseCheckpoint, type Checkpoint } from '../proofs/checkpoint.js';
import { NoteError, parseVerifierKey } from '../proofs/note-keys.js';
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
  /** Events at the beginning of the log that retention has dropped. */
  dropped: number;
  /** Of the log, up to where the export was read. */
  size: number;
  /** Recomputed from the lines; base64. */
  root: string;
  /** What it was held against; null: nothing, so that it only agrees with itself. */
  checkpoint: { origin: string; size: number; isSigned: boolean } | null;
  fault: ExportFault | null;
}

/** What an export is held against. */
export interface Evidence {
  /** A checkpoint (C2SP signed note) from elsewhere; without it, the one in the export. */
  note?: string | undefined;
  /** C2SP verifier key of the log, from elsewhere; without it nobody knows who has signed. */
  vkey?: string | undefined;
}

/**
 * Checks an export (NDJSON) in one pass, with constant memory and nothing but what it is given: rebuilds the log's
 * tree from the lines and holds its root against a checkpoint.
 *
 * @param lines without their line feeds.
 */
export async function checkExport(
  lines: AsyncIterable<string>,
  evidence: Evidence = {},
): Promise<ExportCheck> {
  const reader = new ExportReader();
  let line: number | null = 0;
  let against: Against | null = null;
  try {
    against = evidence.note === undefined ? null : new Against(evidence.note, evidence.vkey);
    against?.pass(reader);
    for await (const text of lines) {
      line++;
      reader.take(text);
      against?.pass(reader);
    }
    line = null;
    against = conclude(reader, against, evidence.vkey);
    return checked(reader, against, null);
  } catch (error) {
    return checked(reader, against, { line: line === 0 ? null : line, ...inWords(error) });
  }
}

/** A checkpoint, and the root of the export where the checkpoint ends. */
class Against {
  readonly checkpoint: Checkpoint;
  readonly isSigned: boolean;
  private root: Buffer | null = null;

  constructor(note: string, vkey: string | undefined) {
    this.isSigned = vkey !== undefined;
    // What is signed ends at the last blank line.
    const unsigned = () => note.slice(0, note.lastIndexOf('\n\n') + 1);
    this.checkpoint = parseCheckpoint(
      vkey === undefined ? unsigned() : openNote(note, [parseVerifierKey(vkey)]).text,
    );
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

/** Called after the last line. @returns what the export was held against. */
function conclude(reader: ExportReader, against: Against | null, vkey: string | undefined): Against | null {
  if (reader.manifest === null)
    throw new ExportError('the export ends without its manifest: it was cut short');
  const { checkpoint } = reader.manifest;
  const last = against ?? (checkpoint === null ? null : new Against(checkpoint, vkey));
  last?.pass(reader);
  last?.conclude(reader);
  return last;
}

function checked(reader: ExportReader, against: Against | null, fault: ExportFault | null): ExportCheck {
  const { events, skipped, dropped, range } = reader;
  return {
    ok: fault === null,
    events,
    skipped,
    dropped,
    size: range.end,
    root: range.root().toString('base64'),
    checkpoint: against && {
      origin: against.checkpoint.origin,
      size: against.checkpoint.size,
      isSigned: against.isSigned,
    },
    fault,
  };
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
