import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';

/** An unscoped credential of a workspace's own servers. Its values are in `credential_secrets`. */
@Entity('api_keys')
@Index('api_keys_of_workspace', ['workspaceId', 'id'])
@Check('api_keys_environment_check', `environment in ('live', 'test')`)
export class ApiKey {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('Workspace', { name: 'api_keys_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column('text')
  name!: string;

  /** Of the current value. */
  @Column('text')
  hint!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column('text')
  createdByType!: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  createdById!: string | null;

  @Column({ type: 'text', nullable: true })
  createdByName!: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  regeneratedAt!: Date | null;

  /** The row stays, so that a refused value can still name its owner. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  deletedAt!: Date | null;
}
