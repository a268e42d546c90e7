import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What stands in for a second factor that was lost; each once. */
@Entity('recovery_codes')
@Index('recovery_codes_of_user', ['userId'])
export class RecoveryCode {
  /** HMAC-SHA-256 of person and code. */
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @ForeignKey('User', { name: 'recovery_codes_user_fkey' })
  @Column({ type: 'text', collation: 'C' })
  userId!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  usedAt!: Date | null;
}
