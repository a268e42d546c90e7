import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../../platform/secrets/secret.js';

/** A list of bits, one for each JWT that was given a place in it. The bits themselves are read off the tokens. */
@Entity('oauth_status_lists')
@Index('oauth_status_lists_of_workspace', ['workspaceId', 'environment', 'createdAt'])
@Check('oauth_status_lists_environment_check', `environment in ('live', 'test')`)
export class StatusList {
  /** Random: its address tells nothing of whose it is. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('Workspace', { name: 'oauth_status_lists_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
