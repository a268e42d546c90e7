import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Turns a secret into what the database holds: HMAC-SHA-256 under a key derived from `TOOKEN_SECRET_KEY`.
 * A stolen database alone can therefore neither be searched for known values nor be used to log in.
 */
export class SecretHasher {
  private readonly secretsKey: Buffer;
  /** Key for signing list cursors. */
  readonly cursorKey: Buffer;
  /** Seed of the key that signs checkpoints of the audit log, unless the operator gives another. */
  readonly signingSeed: Buffer;
  /** Half of what seals remembered answers; the caller's idempotency key is the other. */
  readonly answersKey: Buffer;
  /** Key under which the signing secrets of webhooks are sealed. */
  readonly webhooksKey: Buffer;

  /** Key under which the private keys of the OAuth server are sealed. */
  readonly oauthKeysKey: Buffer;

  /** What the secrets of authenticator apps are sealed under. */
  readonly totpKey: Buffer;

  constructor(masterKey: Buffer) {
    this.secretsKey = derive(masterKey, 'tooken/credential-secrets/v1');
    this.totpKey = derive(masterKey, 'tooken/totp/v1');
    this.cursorKey = derive(masterKey, 'tooken/cursors/v1');
    this.signingSeed = derive(masterKey, 'tooken/audit-checkpoints/v1');
    this.answersKey = derive(masterKey, 'tooken/idempotent-answers/v1');
    this.oauthKeysKey = derive(masterKey, 'tooken/oauth-signing-keys/v1');
    this.webhooksKey = derive(masterKey, 'tooken/webhook-secrets/v1');
  }

  /** 32 bytes as lower-case hex. */
  hash(secret: string): string {
    return createHmac('sha256', this.secretsKey).update(secret).digest('hex');
  }
}

/** HKDF-SHA-256 (RFC 5869): one key a purpose, so that no two uses share one. */
function derive(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), purpose, 32));
}
