import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { FormerValueRole } from '../audit-draft.js';

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

/** The same in one hour, UTC. The database keeps it: whatever is counted by the minute is counted here. */
@Entity('audit_stats_by_hour')
export class AuditHourStat {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('text')
  environment!: 'live' | 'test' | 'none';

  @PrimaryColumn({ type: 'timestamptz', precision: 0 })
  hour!: Date;

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

/** How often a value that rotation has replaced was used while its grace lasted. */
@Entity('audit_value_uses')
@Check('audit_value_uses_as_check', `last_used_as in ('caller', 'presented')`)
export class AuditValueUse {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  credentialId!: string;

  /** Which of the credential's values; no two of them have the same. */
  @PrimaryColumn('text')
  hint!: string;

  @Column('bigint')
  uses!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  lastUsedAt!: Date;

  /** The event of the last use, beside which its address lies until that is erased or dropped. */
  @Column({ type: 'text', collation: 'C' })
  lastEventId!: string;

  @Column('text')
  lastUsedAs!: FormerValueRole;
}
