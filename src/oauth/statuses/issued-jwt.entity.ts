import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Environment } from '../../platform/secrets/secret.js';

/** A JWT that was issued and has not been over for long. The JWT itself is nowhere. */
@Entity('oauth_issued_jwts')
@Index('oauth_issued_jwts_place', ['listId', 'idx'], { unique: true })
@Index('oauth_issued_jwts_by_end', ['expiresAt'])
@Check('oauth_issued_jwts_environment_check', `environment in ('live', 'test')`)
export class IssuedJwt {
  @PrimaryColumn('uuid')
  jti!: string;

  @ForeignKey('Workspace', { name: 'oauth_issued_jwts_workspace_fkey' })
  @Column({ type: 'text', collation: 'C' })
  workspaceId!: string;

  @Column('text')
  environment!: Environment;

  /** The token it was made from. */
  @Column({ type: 'text', collation: 'C' })
  tokenId!: string;

  /** Of the value it was made from: it ends when that value does. */
  @Column('bytea')
  secretHash!: Buffer;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @ForeignKey('StatusList', { name: 'oauth_issued_jwts_list_fkey' })
  @Column({ type: 'text', collation: 'C' })
  listId!: string;

  /** The place of its bit in the list. */
  @Column('integer')
  idx!: number;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  revokedAt!: Date | null;
}
