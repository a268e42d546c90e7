import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last event that told of a token's expiry; the next one is for fewer days, or for another expiry. */
@Entity('token_expiry_notices')
export class TokenExpiryNotice {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tokenId!: string;

  /** The expiry that was told of. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;

  /** Days before it: 30, 7 or 1. */
  @Column('smallint')
  days!: number;
}
