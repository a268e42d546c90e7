import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';

/** What one call with an `Idempotency-Key` was answered, for whoever made it and knows the key. */
@Entity('idempotent_answers')
@Index('idempotent_answers_by_expiry', ['expiresAt'])
@Check('idempotent_answers_environment_check', `environment in ('live', 'test')`)
export class IdempotentAnswer {
  @ForeignKey('Workspace', { name: 'idempotent_answers_workspace_fkey' })
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('text')
  environment!: Environment;

  /** Handle of the credential, or the person, that made the call. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  callerId!: string;

  /** HMAC-SHA-256 of the key, which itself is nowhere: it opens `sealed`. */
  @PrimaryColumn('bytea')
  keyHash!: Buffer;

  /** HMAC-SHA-256 of the call, under the key: the same call is known again, and says nothing to anybody else. */
  @Column('bytea')
  requestHash!: Buffer;

  /** The answer under AES-256-GCM. */
  @Column('bytea')
  sealed!: Buffer;

  /** From then on the key is as good as new. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;
}
