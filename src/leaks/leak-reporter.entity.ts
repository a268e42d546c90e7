import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How many leaks a network has reported in its current minute. Rows of past minutes are removed by later reports. */
@Entity('leak_reporters')
@Index('leak_reporters_by_age', ['since'])
export class LeakReporter {
  /** HMAC-SHA-256 of the network: addresses are kept nowhere but where they can be erased. */
  @PrimaryColumn('bytea')
  network!: Buffer;

  /** When its minute began. */
  @Column({ type: 'timestamptz', precision: 3 })
  since!: Date;

  @Column('integer')
  reports!: number;
}
