import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Environment } from '../platform/secrets/secret.js';

/** Whose key it is: the same key of another is another key. */
export interface KeyHolder {
  workspaceId: string;
  environment: Environment;
  /** Handle of the credential, or the person. */
  callerId: string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * What one idempotency key of one caller does: it names an answer, compares calls, seals and opens. Pure.
 *
 * An answer may hold a secret that is shown in no other place, so it is sealed under HKDF-SHA-256 (RFC 5869) of the
 * server's key with the idempotency key as salt. Of the latter only a hash is stored: neither the database alone nor
 * the database with the server's key opens anything, as long as keys are not guessed.
 */
export class AnswerSeal {
  /** 32 bytes, by which the answer is found. */
  readonly keyHash: Buffer;
  /** A signed 64-bit number, as text: the advisory lock that says the call is under way. */
  readonly lock: string;
  private readonly sealing: Buffer;
  private readonly comparing: Buffer;

  /** @param serverKey 32 bytes, derived for this purpose alone. */
  constructor(
    serverKey: Buffer,
    readonly holder: KeyHolder,
    key: string,
  ) {
    const whose = JSON.stringify([holder.workspaceId, holder.environment, holder.callerId]);
    this.keyHash = createHmac('sha256', serverKey).update(`${whose}\n${key}`).digest();
    this.lock = this.keyHash.readBigInt64BE(0).toString();
    const material = Buffer.from(hkdfSync('sha256', serverKey, key, whose, 2 * KEY_BYTES));
    this.sealing = material.subarray(0, KEY_BYTES);
    this.comparing = material.subarray(KEY_BYTES);
  }

  /**
   * @param call the one text of the call. It may hold a weak secret, so it is hashed under the key too.
   * @returns 32 bytes.
   */
  hashOf(call: string): Buffer {
    return createHmac('sha256', this.comparing).update(call).digest();
  }

  /**
   * @param requestHash of the call that it answers; the answer opens with no other.
   * @returns nonce, tag and ciphertext, one after the other.
   */
  seal(answer: string, requestHash: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.sealing, nonce).setAAD(requestHash);
    const text = Buffer.concat([cipher.update(answer, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]);
  }

  /** @throws when it was sealed under another key, for another call, or was changed since. */
  open(sealed: Buffer, requestHash: Buffer): string {
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, this.sealing, sealed.subarray(0, NONCE_BYTES))
      .setAAD(requestHash)
      .setAuthTag(tag);
    const text = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  }
}
