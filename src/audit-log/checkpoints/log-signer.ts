import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { checkpointBody, type Checkpoint } from '../proofs/checkpoint.js';
import { signNote } from '../proofs/note.js';
import { noteSigner, publicKeyBytes, signingKeyFromSeed, verifierKey } from '../proofs/note-keys.js';

/**
 * The key all checkpoints of this installation are signed with (Ed25519, RFC 8032): `TOOKEN_SIGNING_KEY`, or else
 * derived from `TOOKEN_SECRET_KEY`, so that instances of one database agree on it and it is never in the database.
 */
@Injectable()
export class LogSigner {
  private readonly key: KeyObject;

  constructor(config: Config, hasher: SecretHasher) {
    this.key = signingKeyFromSeed(config.signingKey ?? hasher.signingSeed);
  }

  /** C2SP signed note of a checkpoint, under the name of its origin. */
  sign(checkpoint: Checkpoint): string {
    return signNote(checkpointBody(checkpoint), noteSigner(checkpoint.origin, this.key));
  }

  /** C2SP verifier key for the checkpoints of this origin. */
  verifierKey(origin: string): string {
    return verifierKey(origin, publicKeyBytes(this.key));
  }

  /** The 32 bytes of RFC 8032 §5.1.5. */
  get publicKey(): Buffer {
    return publicKeyBytes(this.key);
  }
}
