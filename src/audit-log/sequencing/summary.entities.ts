import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How often, in one minute, one action ended one way; for the charts. */
@Entity('audit_stats')
export class AuditStat {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('text')
  environment!: 'live' | 'test' | 'none';

  @PrimaryColumn({ type: 'timestamptz', precision: 0 })
  minute!: Date;

  @PrimaryColumn('text')
  action!: string;

  @PrimaryColumn('text')
  outcome!: string;

  /** Empty for a success. */
  @PrimaryColumn('text')
  reason!: string;

  @Column('bigint')
  count!: string;
}

/** Every name and hint under which an actor or a target stands in the log; for the search by words. */
@Entity('audit_names')
export class AuditName {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('text')
  hint!: string;
}

/** The last use of a credential whose events were dropped by retention. */
@Entity('audit_last_uses')
export class AuditLastUse {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  credentialId!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  usedAt!: Date;

  @Column({ type: 'inet', nullable: true })
  ip!: string | null;
}
