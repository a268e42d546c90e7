import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Role } from '../../credentials/role.js';

/** A link that lets one person in, once. */
@Entity('invitations')
@Index('invitations_of_workspace', ['workspaceId', 'id'])
@Check('invitations_role_check', `role in ('owner', 'admin', 'developer', 'auditor')`)
export class Invitation {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  /** HMAC-SHA-256 of the link's secret. */
  @Column({ type: 'bytea', unique: true })
  hash!: Buffer;

  @ForeignKey('Workspace', { name: 'invitations_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column({ type: 'text', collation: 'C' })
  email!: string;

  @Column('text')
  role!: Role;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column('text')
  createdByType!: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  createdById!: string | null;

  @Column({ type: 'text', nullable: true })
  createdByName!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  acceptedAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  revokedAt!: Date | null;
}
