import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The tenant: everything belongs to one. */
@Entity('workspaces')
@Index('workspaces_one_operator', ['operator'], { unique: true, where: 'operator' })
export class Workspace {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  id!: string;

  @Column('text')
  name!: string;

  /** For people and HTTP Basic; unique. */
  @Column({ type: 'text', unique: true })
  slug!: string;

  /** The one made at first start; it may read the instance log and make workspaces. */
  @Column({ type: 'boolean', default: false })
  operator!: boolean;

  /** Whether tokens may carry only scopes of the catalogue. */
  @Column({ type: 'boolean', default: false })
  strictScopes!: boolean;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
