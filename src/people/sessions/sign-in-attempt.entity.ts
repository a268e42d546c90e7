import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How often somebody has tried in vain, by what is slowed down: an account from an address, a device, an address. */
@Entity('sign_in_attempts')
@Index('sign_in_attempts_by_end', ['forgottenAt'])
export class SignInAttempt {
  /** HMAC-SHA-256, so that the table names neither accounts nor addresses. */
  @PrimaryColumn('bytea')
  hash!: Buffer;

  /** Those not yet followed by a success. */
  @Column('integer')
  attempts!: number;

  @Column({ type: 'timestamptz', precision: 3 })
  blockedUntil!: Date;

  /** From then on as if there had been none. */
  @Column({ type: 'timestamptz', precision: 3 })
  forgottenAt!: Date;
}
