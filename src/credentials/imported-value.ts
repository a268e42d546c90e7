import { hash } from 'node:crypto';
import type { Environment } from '../platform/secrets/secret.js';

/** Where an imported value means something: the same value elsewhere is another one, or none. */
export interface Place {
  workspaceId: string;
  environment: Environment;
}

export const MIN_IMPORTED_LENGTH = 8;
export const MAX_IMPORTED_LENGTH = 512;
/** So short a value is half shown by its last four characters. */
const MIN_HINTED_LENGTH = 20;

/** Printable ASCII, without blanks at its ends, which the header it comes in would lose. */
const IMPORTABLE = /^[\x21-\x7e][\x20-\x7e]{6,510}[\x21-\x7e]$/;
const SHA256 = /^[0-9a-f]{64}$/i;

/** Whether the text can have been imported, as a value; what cannot need not be looked up. */
export function isImportable(text: string): boolean {
  return text.length <= MAX_IMPORTED_LENGTH && IMPORTABLE.test(text);
}

export function isSha256(text: string): boolean {
  return SHA256.test(text);
}

/** What an imported value is known by: the SHA-256 of it, which is also all that its owner may have kept of it. */
export function digestOf(value: string): string {
  return hash('sha256', value, 'hex');
}

/**
 * The text that stands for an imported value where one of our own stands for itself: its HMAC is what is stored. It
 * names the place, since values that we have not made are not unique in the world. It has a blank, as no value of ours
 * has, so that none can be mistaken for it.
 *
 * @param digest of the value: SHA-256 in hex, of either case.
 */
export function importedText({ workspaceId, environment }: Place, digest: string): string {
  return `imported ${workspaceId} ${environment} ${digest.toLowerCase()}`;
}

/** What may be shown of an imported value: its last four characters, if it has enough others; of a hash nothing. */
export function hintOfImported(value: string | null): string {
  return value !== null && value.length >= MIN_HINTED_LENGTH ? `…${value.slice(-4)}` : '…';
}
