import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The place of an event in its workspace's log. */
@Entity('audit_entries')
@Index('audit_entries_by_index', ['workspaceId', 'index'])
export class AuditEntryRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  /** From 0, without gaps. */
  @Column('bigint')
  index!: string;

  @PrimaryColumn({ type: 'text', collation: 'C' })
  eventId!: string;

  /** RFC 6962 §2.1 hash of the event's body. */
  @Column('bytea')
  leafHash!: Buffer;
}

/** What one insert has left for the sequencer (`Pending`); gone once it is sequenced. */
@Entity('audit_pending')
export class AuditPending {
  @PrimaryColumn({ type: 'bigint', generated: 'identity', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('text')
  payload!: string;
}

/** What a workspace's tree needs to grow: its size and its frontier. */
@Entity('audit_trees')
export class AuditTree {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('bigint')
  size!: string;

  @Column('bytea')
  frontier!: Buffer;
}

/** A full tile of a tree: 256 neighbouring hashes of one level, and the root over them (C2SP tlog-tiles). */
@Entity('audit_tiles')
export class AuditTile {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('smallint')
  level!: number;

  @PrimaryColumn('bigint')
  number!: string;

  @Column('bytea')
  hashes!: Buffer;

  @Column('bytea')
  root!: Buffer;
}

/** A leaf of a month that retention has dropped before the tile with it was full. */
@Entity('audit_kept_leaves')
export class AuditKeptLeaf {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('bigint')
  index!: string;

  @Column('bytea')
  leafHash!: Buffer;
}

/** A tree head that was signed. */
@Entity('audit_checkpoints')
export class AuditCheckpoint {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('integer')
  epoch!: number;

  @PrimaryColumn('bigint')
  size!: string;

  @Column('bytea')
  root!: Buffer;

  /** C2SP signed note. */
  @Column('text')
  note!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}

/** A new beginning of the signed history, after an older backup was restored. The first epoch has no row. */
@Entity('audit_epochs')
export class AuditEpoch {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @PrimaryColumn('integer')
  epoch!: number;

  /** Of the tree when it began. */
  @Column('bigint')
  size!: string;

  @Column('text')
  reason!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
