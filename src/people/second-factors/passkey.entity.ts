import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The public half of a key that stays in a person's device (WebAuthn). */
@Entity('passkeys')
@Index('passkeys_of_user', ['userId', 'id'])
export class Passkey {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @ForeignKey('User', { name: 'passkeys_user_fkey' })
  @Column({ type: 'text', collation: 'C' })
  userId!: string;

  /** By which the device names it, base64url. */
  @Column({ type: 'text', collation: 'C', unique: true })
  credentialId!: string;

  /** COSE. */
  @Column('bytea')
  publicKey!: Buffer;

  /** How often it was used, if the device counts: less than last time is a copy. The driver returns text. */
  @Column('bigint')
  counter!: string;

  @Column('text', { array: true })
  transports!: string[];

  @Column('text')
  name!: string;

  /** Whether it is kept by the device's maker too, and so survives its loss. */
  @Column('boolean')
  backedUp!: boolean;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  lastUsedAt!: Date | null;
}
