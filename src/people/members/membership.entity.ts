import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Role } from '../../credentials/role.js';

/** That a person belongs to a workspace, and as what. */
@Entity('memberships')
@Index('memberships_of_user', ['userId', 'workspaceId'])
@Check('memberships_role_check', `role in ('owner', 'admin', 'developer', 'auditor')`)
export class Membership {
  @ForeignKey('Workspace', { name: 'memberships_workspace_fkey' })
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @ForeignKey('User', { name: 'memberships_user_fkey' })
  @PrimaryColumn({ type: 'text', collation: 'C' })
  userId!: string;

  @Column('text')
  role!: Role;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
