import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The public half of an ES256 key (RFC 7517, RFC 7518 §6.2.1). */
export interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

/** A key that signs JWTs, of the installation and not of a workspace. */
@Entity('oauth_signing_keys')
export class SigningKey {
  /** RFC 7638 thumbprint of the public half. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  kid!: string;

  @Column('jsonb')
  publicJwk!: PublicJwk;

  /** The private half as PKCS #8, sealed under a key derived from the secret key. */
  @Column('bytea')
  sealedKey!: Buffer;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** From then on it signs, until the next one does. */
  @Column({ type: 'timestamptz', precision: 3 })
  activatesAt!: Date;
}
