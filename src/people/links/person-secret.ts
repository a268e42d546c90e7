import { randomBytes } from 'node:crypto';
import type { SecretHasher } from '../../platform/secrets/secret-hasher.js';

/** What people's secrets are for; a value of one kind is none of another. */
export type SecretPurpose =
  | 'session'
  | 'device'
  | 'setup'
  | 'password_reset'
  | 'invitation'
  | 'attempt'
  | 'recovery_code'
  | 'second_factor'
  | 'passkey'
  | 'passkey_registration';

/** 256 bits as base64url: of sessions, links, and whatever else a person carries without typing it. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of it. The colon keeps these apart from the secrets of keys and tokens, which have none. */
export function hashOf(hasher: SecretHasher, purpose: SecretPurpose, value: string): Buffer {
  return Buffer.from(hasher.hash(`${purpose}:${value}`), 'hex');
}
