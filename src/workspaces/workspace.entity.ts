import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ReusePolicy } from '../credentials/credential-facts.js';

/** The tenant: everything belongs to one. */
@Entity('workspaces')
@Check('workspaces_ttl_check', `max_token_ttl > 0`)
@Check('workspaces_inactive_check', `inactive_after_days > 0`)
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

  /** Seconds that a token may live from its issue on; null = without limit. */
  @Column({ type: 'integer', nullable: true })
  maxTokenTtl!: number | null;

  /** Whether a token must be issued with an expiry. */
  @Column({ type: 'boolean', default: false })
  requireExpiry!: boolean;

  /** What values of tokens begin with that ask for nothing else; null = `tkn`. */
  @Column({ type: 'text', nullable: true })
  defaultPrefix!: string | null;

  /** Tokens that nobody has used for so long are suspended; null = never. */
  @Column({ type: 'integer', nullable: true })
  inactiveAfterDays!: number | null;

  /** When its tokens were last gone through for that. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  inactiveCheckedAt!: Date | null;

  /** Where credentials may call Tooken from, as CIDR ranges; null = anywhere. */
  @Column({ type: 'text', array: true, nullable: true })
  allowedManagementIps!: string[] | null;

  /** Whether any token of its was imported, with a value that was made elsewhere. */
  @Column({ type: 'boolean', default: false })
  hasImports!: boolean;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
