import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../platform/secrets/secret.js';
import type { NoticeType } from './notice-types.js';

/** The driver returns 64-bit integers as text; ours stay far below 2^53. */
const bigint = { to: (value: number) => value, from: (value: string) => Number(value) };

/** Where a workspace wants to be told of what happens to its tokens and keys. */
@Entity('webhooks')
@Index('webhooks_of_workspace', ['workspaceId', 'environment', 'id'])
@Check('webhooks_environment_check', `environment in ('live', 'test')`)
export class Webhook {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('Workspace', { name: 'webhooks_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  @Column('text')
  url!: string;

  /** Which notices it gets; null = all, also of types there will be. */
  @Column({ type: 'text', array: true, nullable: true })
  events!: NoticeType[] | null;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column('boolean')
  enabled!: boolean;

  /** Its signing secret (`WebhookSeal`): unlike those of callers it must be had again, to sign. */
  @Column('bytea')
  secretSealed!: Buffer;

  @Column('text')
  secretHint!: string;

  /** The secret before a rotation, which notices are signed with too. */
  @Column({ type: 'bytea', nullable: true })
  previousSecretSealed!: Buffer | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  previousSecretUntil!: Date | null;

  /** Place in the log from which on it is told: where the log ended when it was made, or enabled again. */
  @Column({ type: 'bigint', transformer: bigint })
  fromIndex!: number;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column('text')
  createdByType!: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  createdById!: string | null;

  @Column({ type: 'text', nullable: true })
  createdByName!: string | null;
}
