import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** What a person's authenticator app shares with us. */
@Entity('totp_secrets')
export class TotpSecret {
  @ForeignKey('User', { name: 'totp_secrets_user_fkey' })
  @PrimaryColumn({ type: 'text', collation: 'C' })
  userId!: string;

  /** AES-256-GCM: it must be read again. */
  @Column('bytea')
  sealed!: Buffer;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** Null: not yet shown to work, and so asked of nobody. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  confirmedAt!: Date | null;

  /** Of the last code that was taken: neither it nor an earlier one is taken again. The driver returns text. */
  @Column({ type: 'bigint', nullable: true })
  lastStep!: string | null;
}
