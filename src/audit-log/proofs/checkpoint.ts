import { decodeBase64 } from './base64.js';
import { HASH_BYTES, requireSize } from './merkle.js';
import { NoteError, type NoteVerifier } from './note-keys.js';
import { openNote } from './note.js';

/** What a log says of itself at one moment: so many leaves, and this root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Says which log it is; the name of its key as well. */
  origin: string;
  size: number;
  root: Buffer;
}

/** The text to sign: three lines (C2SP tlog-checkpoint, “Note text”). */
export function checkpointBody({ origin, size, root }: Checkpoint): string {
  requireSize(size);
  if (origin === '' || origin.includes('\n')) throw new NoteError('an origin is one line of text');
  if (root.length !== HASH_BYTES) throw new RangeError('a root is a hash');
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Reads such a text. Extension lines may follow and mean nothing here; they must not be empty. */
export function parseCheckpoint(body: string): Checkpoint {
  const [origin, size, base64, ...more] = body.split('\n');
  const root = base64 === undefined ? null : decodeBase64(base64);
  const lineFeedAtEnd = more.pop() === '';
  if (!origin || !lineFeedAtEnd || more.includes('') || root?.length !== HASH_BYTES) {
    throw new NoteError('malformed checkpoint');
  }
  return { origin, size: parseSize(size!), root };
}

/**
 * Opens a signed checkpoint of one log. The origin is asked for because one key may sign for several logs, and one
 * log's checkpoint says nothing of another.
 *
 * @throws NoteError also when the checkpoint is another log's.
 */
export function openCheckpoint(
  note: string | Buffer,
  origin: string,
  known: readonly NoteVerifier[],
): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, known).text);
  if (checkpoint.origin !== origin) throw new NoteError(`a checkpoint of ${checkpoint.origin}`);
  return checkpoint;
}

/** Decimal, without leading zeros, and no larger than can be counted exactly. */
function parseSize(text: string): number {
  const size = Number(text);
  if (!/^(0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(size)) {
    throw new NoteError('malformed checkpoint');
  }
  return size;
}
