import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Standard Webhooks: 24 to 64. */
const SECRET_BYTES = 32;

/** A new signing secret in the form of Standard Webhooks: `whsec_` and base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** What may be shown of it after it was made; not of its padding, which all have. */
export function signingSecretHint(secret: string): string {
  return `whsec_…${secret.replace(/=+$/, '').slice(-4)}`;
}

/**
 * Keeps signing secrets in the database, which alone does not yield them: AES-256-GCM under a key derived from
 * `TOOKEN_SECRET_KEY`, bound to the webhook, so that a row copied over another one's cannot be opened.
 */
@Injectable()
export class WebhookSeal {
  private readonly key: Buffer;

  constructor(hasher: SecretHasher) {
    this.key = hasher.webhooksKey;
  }

  /** Nonce, tag, ciphertext. */
  seal(secret: string, webhookId: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(webhookId));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws when it was sealed under another key, or for another webhook. */
  open(sealed: Buffer, webhookId: string): string {
    const decipher = createDecipheriv(CIPHER, this.key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(webhookId))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString('utf8');
  }
}
