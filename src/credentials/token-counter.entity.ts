import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The driver returns 64-bit integers as text; ours stay far below 2^53. */
const bigint = { to: (value: number) => value, from: (value: string) => Number(value) };

/**
 * How often a token that has limits was found valid. Apart from `tokens`, whose rows are wide and have many indexes:
 * this one is written at every use. Made at the first.
 */
@Entity('token_counters')
export class TokenCounter {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tokenId!: string;

  @Column({ type: 'bigint', default: 0, transformer: bigint })
  uses!: number;

  /** When the newest window of its rate limit began. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  windowStartedAt!: Date | null;

  /** Uses counted in that window. */
  @Column({ type: 'integer', default: 0 })
  windowUses!: number;
}
