import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { HANDLE_PREFIXES } from '../ids.js';

export type Environment = 'live' | 'test';
export type SecretKind = 'api_key' | 'token';

/** A well-formed secret, taken apart. That it is well-formed says nothing of whether it was ever issued. */
export interface ParsedSecret {
  value: string;
  kind: SecretKind;
  prefix: string;
  environment: Environment;
}

export const API_KEY_PREFIX = 'tok';
export const TOKEN_PREFIX = 'tkn';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
const SECRET_FORM = /^([a-z][a-z0-9]{1,15})_(live|test)_[0-9A-Za-z]{36}$/;

/** The longest a secret can be: a prefix of 16, `_live_`, 36 characters. */
export const MAX_SECRET_LENGTH = 16 + 6 + RANDOM_LENGTH + CHECKSUM_LENGTH;

/**
 * A new secret (contract §2): prefix, environment, 30 characters from the CSPRNG without modulo bias
 * (178 bit), and the checksum by which a typing error is refused without a database query.
 *
 * @param prefix a token's own prefix; must satisfy {@link isTokenPrefix}. Ignored for API keys.
 */
export function makeSecret(kind: SecretKind, environment: Environment, prefix?: string | null): string {
  const head = kind === 'api_key' ? API_KEY_PREFIX : (prefix ?? TOKEN_PREFIX);
  let body = `${head}_${environment}_`;
  for (let i = 0; i < RANDOM_LENGTH; i++) body += ALPHABET.charAt(randomInt(ALPHABET.length));
  return body + checksum(body);
}

/** What follows the prefix of every secret, for those who look for secrets that have got out. */
export const SECRET_RULE = {
  /** A regular expression. */
  rest: `_(?:live|test)_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`,
  checksum: {
    algorithm: 'CRC-32/ISO-HDLC',
    over: 'all_before',
    length: CHECKSUM_LENGTH,
    alphabet: ALPHABET,
    padding: '0',
  },
} as const;

/** A well-formed value with nothing random in it: no chance of 178 bits makes another such. */
export function sampleSecret(prefix: string): string {
  const body = `${prefix}_live_${'EXAMPLE'.padEnd(RANDOM_LENGTH, '0')}`;
  return body + checksum(body);
}

/** Takes a presented value apart; null when its form or its checksum is wrong. */
export function parseSecret(value: string): ParsedSecret | null {
  const match = value.length <= MAX_SECRET_LENGTH ? SECRET_FORM.exec(value) : null;
  if (match === null) return null;
  const prefix = match[1]!;
  if (prefix !== API_KEY_PREFIX && !isTokenPrefix(prefix)) return null;
  if (checksum(value.slice(0, -CHECKSUM_LENGTH)) !== value.slice(-CHECKSUM_LENGTH)) return null;
  return {
    value,
    kind: prefix === API_KEY_PREFIX ? 'api_key' : 'token',
    prefix,
    environment: match[2] as Environment,
  };
}

/**
 * Whether tokens may carry this prefix: 2–16 of `[a-z0-9]` starting with a letter; never that of API keys, so
 * that the two kinds cannot be mixed up, nor a handle's, so that no secret looks like a public name.
 */
export function isTokenPrefix(text: string): boolean {
  return (
    /^[a-z][a-z0-9]{1,15}$/.test(text) &&
    text !== API_KEY_PREFIX &&
    !(HANDLE_PREFIXES as readonly string[]).includes(text)
  );
}

/** What may be shown of a secret after it was made: prefix, `…`, last four characters (contract §2). */
export function hintOf(secret: string): string {
  return `${secret.slice(0, secret.lastIndexOf('_') + 1)}…${secret.slice(-4)}`;
}

/** Anything of a secret's form, wherever it stands and whatever follows; also of one that webhooks are signed with. */
const SECRETS_WITHIN = /([a-z][a-z0-9]{1,15}_(?:live|test)_)[0-9A-Za-z]{36}|(whsec_)[0-9A-Za-z+/]{32,}=*/g;
/** The same to look for first: it begins with what is rare. */
const SECRET_BODY = /_(?:(?:live|test)_[0-9A-Za-z]{36}|(?<=whsec_)[0-9A-Za-z+/]{32})/;

/** The text without the values of secrets, which a caller may have put anywhere (contract §2: never in an event, a log). */
export function withoutSecrets(text: string): string {
  return SECRET_BODY.test(text) ? text.replace(SECRETS_WITHIN, '$1$2…') : text;
}

/** Six base62 characters of CRC-32 (IEEE), left-padded with `0`. */
function checksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    out = ALPHABET.charAt(rest % 62) + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}
