import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from './audit-actions.js';
import type { AuditChange } from './audit-draft.js';

/** One immutable record of one decision. Only ever inserted: triggers refuse everything else. */
@Entity('audit_events')
export class AuditEvent {
  /** The workspace whose log this is, or `instance`. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @Column({ type: 'text', nullable: true })
  environment!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  occurredAt!: Date;

  @Column('text')
  action!: AuditAction;

  @Column('text')
  outcome!: AuditOutcome;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'integer', default: 1 })
  count!: number;

  @Column('text')
  actorType!: ActorType;

  @Column({ type: 'text', collation: 'C', nullable: true })
  actorId!: string | null;

  @Column({ type: 'text', nullable: true })
  actorName!: string | null;

  @Column({ type: 'text', nullable: true })
  actorHint!: string | null;

  @Column({ type: 'text', nullable: true })
  targetType!: TargetType | null;

  @Column({ type: 'text', collation: 'C', nullable: true })
  targetId!: string | null;

  @Column({ type: 'text', nullable: true })
  targetName!: string | null;

  @Column({ type: 'text', collation: 'C', nullable: true })
  requestId!: string | null;

  @Column({ type: 'text', nullable: true })
  method!: string | null;

  @Column({ type: 'text', nullable: true })
  route!: string | null;

  @Column({ type: 'smallint', nullable: true })
  status!: number | null;

  @Column({ type: 'inet', nullable: true })
  ip!: string | null;

  @Column({ type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  changes!: AuditChange[] | null;

  @Column({ type: 'jsonb', nullable: true })
  details!: Record<string, unknown> | null;
}
