import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A person, whatever workspaces they belong to. */
@Entity('users')
@Check('users_email_check', `email = lower(email)`)
export class User {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  /** In lower case: people do not know how they once wrote it. */
  @Column({ type: 'text', collation: 'C', unique: true })
  email!: string;

  @Column('text')
  name!: string;

  /** argon2id, in PHC form. */
  @Column('text')
  passwordHash!: string;

  /** Where they were last, and so begin next time. */
  @ForeignKey('Workspace', { name: 'users_last_workspace_fkey' })
  @Column({ type: 'text', collation: 'C', nullable: true })
  lastWorkspaceId!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
