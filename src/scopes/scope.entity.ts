import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';

/** A scope of the workspace's own, as its catalogue knows it. */
@Entity('scopes')
@Check('scopes_environment_check', `environment in ('live', 'test')`)
export class Scope {
  @ForeignKey('Workspace', { name: 'scopes_workspace_fkey' })
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('text')
  environment!: Environment;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
