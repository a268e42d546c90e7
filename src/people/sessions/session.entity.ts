import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Why a session is over before its time. */
export type SessionEnd = 'signed_out' | 'revoked' | 'renewed' | 'account_changed';

/** A person signed in with one browser. A new value is a new row, so that none can be fixed in advance. */
@Entity('sessions')
@Index('sessions_of_user', ['userId', 'id'])
@Index('sessions_by_expiry', ['expiresAt'])
@Check('sessions_reason_check', `ended_reason in ('signed_out', 'revoked', 'renewed', 'account_changed')`)
@Check('sessions_ended_check', `(ended_at is null) = (ended_reason is null)`)
export class Session {
  /** HMAC-SHA-256 of the cookie's value; the value itself is nowhere. */
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column({ type: 'text', collation: 'C', unique: true })
  id!: string;

  @ForeignKey('User', { name: 'sessions_user_fkey' })
  @Column({ type: 'text', collation: 'C' })
  userId!: string;

  /** With a password or passkey; a new value does not make it younger. */
  @Column({ type: 'timestamptz', precision: 3 })
  signedInAt!: Date;

  /** To the minute: not every request is worth a write. */
  @Column({ type: 'timestamptz', precision: 3 })
  lastSeenAt!: Date;

  /** At the latest, however busy it is. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;

  /** Until then the person has just proven again who they are. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  sudoUntil!: Date | null;

  /** Whether a second factor or a passkey was part of signing in. */
  @Column({ type: 'boolean', default: false })
  secondFactor!: boolean;

  /** Of the sign-in. */
  @Column('text')
  ip!: string;

  @Column({ type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  endedReason!: SessionEnd | null;
}
