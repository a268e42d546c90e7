import { sign, verify } from 'node:crypto';
import { decodeBase64 } from './base64.js';
import { isKeyName, NoteError, type NoteSigner, type NoteVerifier } from './note-keys.js';

/** The limits of Go's reader, so that both accept the same notes. */
const MAX_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;

const KEY_ID_BYTES = 4;

/** A note at least one known key has signed. */
export interface OpenNote {
  /** What was signed, with its last newline. */
  text: string;
  /** The known keys that signed it. */
  signers: NoteVerifier[];
}

interface SignatureLine {
  name: string;
  id: string;
  signature: Buffer;
}

/** The text with a blank line and a line a signature below it (C2SP signed-note, “Format”). */
export function signNote(text: string, ...signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n') || !isPlain(text)) throw new NoteError('malformed note');
  return `${text}\n${signers.map((signer) => signatureLine(text, signer)).join('')}`;
}

/**
 * Reads a note (C2SP signed-note). Signatures of unknown keys are passed over; one of a known key that does not
 * verify spoils the note, even beside others that do.
 *
 * @throws NoteError for a malformed note, a wrong signature, or none of a known key.
 */
export function openNote(note: string | Buffer, known: readonly NoteVerifier[]): OpenNote {
  const { text, lines } = splitNote(typeof note === 'string' ? note : decodeUtf8(note));
  const verifiers = byNameAndId(known);
  const signers = new Set<NoteVerifier>();
  for (const { name, id, signature } of lines.map(parseSignatureLine)) {
    const verifier = verifiers.get(`${name}+${id}`);
    if (verifier === undefined) continue;
    if (!verify(null, Buffer.from(text), verifier.key, signature)) {
      throw new NoteError(`wrong signature of ${name}+${id}`);
    }
    signers.add(verifier);
  }
  if (signers.size === 0) throw new NoteError('no known key has signed the note');
  return { text, signers: [...signers] };
}

function signatureLine(text: string, signer: NoteSigner): string {
  const signature = sign(null, Buffer.from(text), signer.key);
  const base64 = Buffer.concat([Buffer.from(signer.id, 'hex'), signature]).toString('base64');
  return `— ${signer.name} ${base64}\n`;
}

/** The text may have blank lines of its own: the last one ends it. */
function splitNote(note: string): { text: string; lines: string[] } {
  const blank = note.lastIndexOf('\n\n');
  if (note.length > MAX_CHARACTERS || !isPlain(note) || blank < 0) throw new NoteError('malformed note');
  const signatures = note.slice(blank + 2);
  if (!signatures.endsWith('\n')) throw new NoteError('malformed note');
  const lines = signatures.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new NoteError('too many signatures');
  return { text: note.slice(0, blank + 1), lines };
}

function parseSignatureLine(line: string): SignatureLine {
  const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  const bytes = base64 === undefined ? null : decodeBase64(base64);
  if (name === undefined || !isKeyName(name) || bytes === null || bytes.length <= KEY_ID_BYTES) {
    throw new NoteError('malformed signature');
  }
  return {
    name,
    id: bytes.subarray(0, KEY_ID_BYTES).toString('hex'),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

function byNameAndId(known: readonly NoteVerifier[]): Map<string, NoteVerifier> {
  const verifiers = new Map(known.map((verifier) => [`${verifier.name}+${verifier.id}`, verifier]));
  // Ids are short: two different keys may share one, and then nobody could say whose a signature is.
  if (verifiers.size < known.length) throw new NoteError('two known keys have the same name and id');
  return verifiers;
}

/** Well-formed, and without control characters but newline (C2SP signed-note, “Format”). */
function isPlain(text: string): boolean {
  return text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new NoteError('malformed note', { cause });
  }
}
