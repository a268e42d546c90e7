import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment, SecretKind } from '../platform/secrets/secret.js';

/** Why a secret value is dead. */
export type EndedReason = 'regenerated' | 'deleted' | 'revoked' | 'rotated';

/** One secret value that was ever issued, dead ones too: they name the owner of a refused value. */
@Entity('credential_secrets')
@Index('credential_secrets_of_owner', ['ownerId'])
@Check('credential_secrets_kind_check', `kind in ('api_key', 'token')`)
@Check('credential_secrets_reason_check', `ended_reason in ('regenerated', 'deleted', 'revoked', 'rotated')`)
@Check('credential_secrets_ended_check', `(ended_at is null) = (ended_reason is null)`)
export class CredentialSecret {
  /** HMAC-SHA-256 of the value; the value itself is nowhere. */
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @ForeignKey('Workspace', { name: 'credential_secrets_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column('text')
  kind!: SecretKind;

  @Column({ type: 'text', collation: 'C' })
  ownerId!: string;

  @Column('text')
  hint!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** End of a rotation's grace; null = as long as its owner lives. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  validUntil!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  endedReason!: EndedReason | null;
}
