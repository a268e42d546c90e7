import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';

/** The driver returns 64-bit integers as text; ours stay far below 2^53. */
const bigint = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** Why the system has suspended a token. */
export type SuspendedReason = 'inactive';

/** A scoped credential for a partner or a service. Its values are in `credential_secrets`. */
@Entity('tokens')
@Index('tokens_of_workspace', ['workspaceId', 'environment', 'id'])
@Index('tokens_by_subject', ['workspaceId', 'subject', 'id'], { where: 'subject is not null' })
@Index('tokens_by_expiry', ['workspaceId', 'expiresAt', 'id'], { where: 'expires_at is not null' })
@Index('tokens_by_prefix', ['workspaceId', 'environment', 'prefix'])
@Index('tokens_by_creator', ['workspaceId', 'createdById', 'id'], { where: 'created_by_id is not null' })
@Index('tokens_expiring', ['expiresAt', 'id'], { where: 'expires_at is not null and revoked_at is null' })
@Index('tokens_by_scope', ['scopes'], { type: 'gin' })
@Index('tokens_imported', ['workspaceId', 'environment', 'id'], { where: 'imported' })
@Index('tokens_by_lineage', ['lineage'], { type: 'gin' })
@Check('tokens_disabled_by_check', 'disabled_by_id is null or not enabled')
@Check('tokens_environment_check', `environment in ('live', 'test')`)
@Check('tokens_scopes_check', `cardinality(scopes) between 1 and 64`)
@Check('tokens_suspended_check', `suspended_reason in ('inactive')`)
@Check('tokens_validity_check', `not_before < expires_at`)
@Check('tokens_max_uses_check', `max_uses > 0`)
@Check(
  'tokens_rate_limit_check',
  `(rate_limit is null) = (rate_limit_window_seconds is null) and rate_limit > 0 and rate_limit_window_seconds > 0`,
)
export class Token {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('Workspace', { name: 'tokens_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column('text')
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'text', nullable: true })
  subject!: string | null;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'boolean', default: true })
  enabled!: boolean;

  /** Of one that is disabled: the ancestor that did it; null when its owner did, and while it is enabled. */
  @Column({ type: 'text', collation: 'C', nullable: true })
  disabledById!: string | null;

  /** When it was last enabled again; null = it was never suspended. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  activeSince!: Date | null;

  /** When the system suspended it; null = it did not, or it was enabled since. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  suspendedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  suspendedReason!: SuspendedReason | null;

  @Column('text')
  hint!: string;

  /** What its values start with. */
  @Column('text')
  prefix!: string;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  notBefore!: Date | null;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column('text')
  createdByType!: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  createdById!: string | null;

  @Column({ type: 'text', nullable: true })
  createdByName!: string | null;

  /** The token that issued it; null when an API key did. */
  @Column({ type: 'text', collation: 'C', nullable: true })
  parentId!: string | null;

  /** Its ancestors, the parent first. Fixed at creation, as the parent is. */
  @Column({ type: 'text', array: true, collation: 'C', default: '{}' })
  lineage!: string[];

  @Column({ type: 'text', array: true, nullable: true })
  allowedIps!: string[] | null;

  @Column({ type: 'integer', nullable: true })
  rateLimit!: number | null;

  @Column({ type: 'integer', nullable: true })
  rateLimitWindowSeconds!: number | null;

  /** How often it was used is in `token_counters`. */
  @Column({ type: 'bigint', nullable: true, transformer: bigint })
  maxUses!: number | null;

  @Column({ type: 'jsonb', default: {} })
  metadata!: Record<string, unknown>;

  /** Whether its first value was made elsewhere. */
  @Column({ type: 'boolean', default: false })
  imported!: boolean;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  revokedReason!: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  rotatedAt!: Date | null;

  /** End of the grace that the last rotation gave the value before; null = none, or never rotated. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  previousExpiresAt!: Date | null;

  /** Of that value. */
  @Column({ type: 'text', nullable: true })
  previousHint!: string | null;
}
