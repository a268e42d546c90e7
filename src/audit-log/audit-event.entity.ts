import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from './audit-actions.js';
import type { AuditChange } from './audit-draft.js';

/** One immutable record of one decision. Only ever inserted: triggers refuse everything else. */
@Entity('audit_events')
@Index('audit_events_by_action', ['workspaceId', 'action', 'id'])
@Index('audit_events_by_actor', ['workspaceId', 'actorId', 'id'], { where: 'actor_id is not null' })
@Index('audit_events_by_target', ['workspaceId', 'targetId', 'id'], { where: 'target_id is not null' })
@Index('audit_events_by_request', ['workspaceId', 'requestId'])
@Index('audit_events_by_ip', ['workspaceId', 'ip'])
@Index('audit_events_by_reason', ['workspaceId', 'reason', 'id'], { where: 'reason is not null' })
@Index('audit_events_by_outcome', ['workspaceId', 'outcome', 'id'], { where: `outcome <> 'success'` })
@Check('audit_events_outcome_check', `outcome in ('success', 'denied', 'failure')`)
@Check('audit_events_reason_check', `(outcome = 'success') = (reason is null)`)
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
