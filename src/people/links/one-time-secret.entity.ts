import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What a one-time secret opens. */
export type Purpose = 'setup' | 'password_reset' | 'second_factor' | 'passkey' | 'passkey_registration';

/** Good for one use within minutes. */
@Entity('one_time_secrets')
@Index('one_time_secrets_by_expiry', ['expiresAt'])
@Index('one_time_secrets_of_user', ['userId'], { where: 'user_id is not null' })
export class OneTimeSecret {
  /** HMAC-SHA-256 of its purpose and value. */
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column('text')
  purpose!: Purpose;

  /** Whom it is for; null: whoever has it. */
  @ForeignKey('User', { name: 'one_time_secrets_user_fkey' })
  @Column({ type: 'text', collation: 'C', nullable: true })
  userId!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  usedAt!: Date | null;
}
