import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ReusePolicy } from '../credentials/credential-facts.js';

/** The tenant: everything belongs to one. */
@Entity('workspaces')
@Check('workspaces_reuse_policy_check', `reuse_policy in ('alert', 'revoke')`)
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

  /** What becomes of a token of which a value is presented that rotation has ended. */
  @Column({ type: 'text', default: 'alert' })
  reusePolicy!: ReusePolicy;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
