import { timingSafeEqual } from 'node:crypto';
import type { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { hashOf, newSecret } from '../links/person-secret.js';

/** What a browser keeps for a year once its person has signed in; it opens nothing, but is slowed down by itself. */
export function newDevice(hasher: SecretHasher, userId: string): string {
  const secret = newSecret();
  return `${secret}.${tagOf(hasher, userId, secret).toString('base64url')}`;
}

/**
 * The device's own part, if it was given to a browser of this person; signed, so that nobody makes one up to have
 * attempts of its own.
 */
export function deviceOf(hasher: SecretHasher, userId: string, cookie: string | null): string | null {
  const [secret = '', tag = '', ...rest] = cookie?.split('.') ?? [];
  if (secret === '' || rest.length > 0) return null;
  const wanted = tagOf(hasher, userId, secret);
  const given = Buffer.from(tag, 'base64url');
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? secret : null;
}

function tagOf(hasher: SecretHasher, userId: string, secret: string): Buffer {
  return hashOf(hasher, 'device', `${userId}\n${secret}`);
}
