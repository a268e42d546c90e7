import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from './audit-actions.js';
import type { AuditChange } from './audit-draft.js';

/** One immutable record of one decision. Only ever inserted: triggers refuse everything else. */
@Entity('audit_events')
export class AuditEvent {
  /** The workspace whose log this is, or `instance`. */
  @PrimaryColumn('text', { collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('text', { collation: 'C' })
  id!: string;

  @Column('text', { nullable: true })
  environment!: string | null;

  @Column('timestamptz', { precision: 3 })
  occurredAt!: Date;

  @Column('text')
  action!: AuditAction;

  @Column('text')
  outcome!: AuditOutcome;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('integer', { default: 1 })
  count!: number;

  @Column('text')
  actorType!: ActorType;

  @Column('text', { collation: 'C', nullable: true })
  actorId!: string | null;

  @Column('text', { nullable: true })
  actorName!: string | null;

  @Column('text', { nullable: true })
  actorHint!: string | null;

  @Column('text', { nullable: true })
  targetType!: TargetType | null;

  @Column('text', { collation: 'C', nullable: true })
  targetId!: string | null;

  @Column('text', { nullable: true })
  targetName!: string | null;

  @Column('text', { collation: 'C', nullable: true })
  requestId!: string | null;

  @Column('text', { nullable: true })
  method!: string | null;

  @Column('text', { nullable: true })
  route!: string | null;

  @Column('smallint', { nullable: true })
  status!: number | null;

  @Column('inet', { nullable: true })
  ip!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Column('jsonb', { nullable: true })
  changes!: AuditChange[] | null;

  @Column('jsonb', { nullable: true })
  details!: Record<string, unknown> | null;
}
