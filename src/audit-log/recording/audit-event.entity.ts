import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ActorType, AuditAction, AuditOutcome, TargetType } from '../audit-actions.js';

/**
 * One immutable record of one decision. Only ever inserted: triggers refuse everything else. `body` is the event;
 * the other columns repeat what is searched for, and a scrub holds them against it.
 */
@Entity('audit_events')
@Index('audit_events_by_list', ['workspaceId', 'environment', 'id'])
@Index('audit_events_by_action', ['workspaceId', 'environment', 'action', 'id'])
@Index('audit_events_by_outcome', ['workspaceId', 'environment', 'outcome', 'id'])
@Index('audit_events_by_reason', ['workspaceId', 'environment', 'reason', 'id'], {
  where: 'reason is not null',
})
@Index('audit_events_by_actor_type', ['workspaceId', 'environment', 'actorType', 'id'])
@Index('audit_events_by_actor', ['workspaceId', 'actorId', 'id'], { where: 'actor_id is not null' })
@Index('audit_events_by_target_type', ['workspaceId', 'environment', 'targetType', 'id'], {
  where: 'target_type is not null',
})
@Index('audit_events_by_target', ['workspaceId', 'targetId', 'id'], { where: 'target_id is not null' })
@Index('audit_events_by_request', ['workspaceId', 'requestId', 'id'], { where: 'request_id is not null' })
@Check('audit_events_environment_check', `environment in ('live', 'test', 'none')`)
@Check('audit_events_outcome_check', `outcome in ('success', 'denied', 'failure')`)
@Check('audit_events_reason_check', `(outcome = 'success') = (reason is null)`)
export class AuditEvent {
  /** The workspace whose log this is, or `instance`. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @Column('text')
  environment!: 'live' | 'test' | 'none';

  @Column({ type: 'timestamptz', precision: 3 })
  occurredAt!: Date;

  @Column('text')
  action!: AuditAction;

  @Column('text')
  outcome!: AuditOutcome;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column('integer')
  count!: number;

  @Column('text')
  actorType!: ActorType;

  @Column({ type: 'text', collation: 'C', nullable: true })
  actorId!: string | null;

  @Column({ type: 'text', nullable: true })
  targetType!: TargetType | null;

  @Column({ type: 'text', collation: 'C', nullable: true })
  targetId!: string | null;

  @Column({ type: 'text', collation: 'C', nullable: true })
  requestId!: string | null;

  @Column({ type: 'smallint', nullable: true })
  status!: number | null;

  /** The leaf of the Merkle tree: everything but what is personal, as RFC 8785 writes it. */
  @Column('text')
  body!: string;
}

/** What of an event is personal. The event's body holds its SHA-256, so that it can be erased and not be changed. */
@Entity('audit_personal')
@Index('audit_personal_by_ip', ['workspaceId', 'environment', 'ip', 'eventId'], { where: 'ip is not null' })
export class AuditPersonal {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  eventId!: string;

  @Column('text')
  environment!: 'live' | 'test' | 'none';

  /** Repeats the caller's address, to be searched for. */
  @Column({ type: 'inet', nullable: true })
  ip!: string | null;

  /** RFC 8785 text of `PersonalData`. */
  @Column('text')
  data!: string;
}
