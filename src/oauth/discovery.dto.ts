import { ApiProperty, ApiSchema } from '@nestjs/swagger';

const BASE = 'http://127.0.0.1:3000';

@ApiSchema({ description: 'Metadata of the authorization server (RFC 8414 §2).' })
export class MetadataDto {
  /** Whose metadata it is; for a workspace and environment the `iss` of its JWTs. */
  @ApiProperty({ format: 'uri', example: BASE })
  issuer!: string;

  /** Token exchange and client credentials. */
  @ApiProperty({ format: 'uri', example: `${BASE}/oauth/token` })
  token_endpoint!: string;

  /** RFC 7662. */
  @ApiProperty({ format: 'uri', example: `${BASE}/oauth/introspect` })
  introspection_endpoint!: string;

  /** RFC 7009. */
  @ApiProperty({ format: 'uri', example: `${BASE}/oauth/revoke` })
  revocation_endpoint!: string;

  /** The keys that JWTs and status lists are verified with. */
  @ApiProperty({ format: 'uri', example: `${BASE}/.well-known/jwks.json` })
  jwks_uri!: string;

  /** None: nobody is asked to sign in. */
  @ApiProperty({ type: [String], maxItems: 0, example: [] })
  response_types_supported!: string[];

  /** What the token endpoint takes. */
  @ApiProperty({ type: [String], example: ['client_credentials'] })
  grant_types_supported!: string[];

  /** With `none` the token that is exchanged is the credential. */
  @ApiProperty({ type: [String], example: ['client_secret_basic', 'client_secret_post', 'none'] })
  token_endpoint_auth_methods_supported!: string[];

  /** Besides these, Bearer. */
  @ApiProperty({ type: [String], example: ['client_secret_basic', 'client_secret_post'] })
  introspection_endpoint_auth_methods_supported!: string[];

  /** Besides these, Bearer. */
  @ApiProperty({ type: [String], example: ['client_secret_basic', 'client_secret_post'] })
  revocation_endpoint_auth_methods_supported!: string[];

  /** For people. */
  @ApiProperty({ format: 'uri', example: `${BASE}/docs` })
  service_documentation!: string;
}

@ApiSchema({ description: 'The public half of a signing key (RFC 7517, RFC 7518 §6.2.1).' })
export class JwkDto {
  /** Elliptic curve. */
  @ApiProperty({ enum: ['EC'], example: 'EC' })
  kty!: 'EC';

  /** Which one. */
  @ApiProperty({ enum: ['P-256'], example: 'P-256' })
  crv!: 'P-256';

  /** First coordinate, in base64url. */
  @ApiProperty({ example: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4' })
  x!: string;

  /** Second coordinate, in base64url. */
  @ApiProperty({ example: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM' })
  y!: string;

  /** Its thumbprint (RFC 7638), by which a signature names it. */
  @ApiProperty({ example: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s' })
  kid!: string;

  /** What it signs with. */
  @ApiProperty({ enum: ['ES256'], example: 'ES256' })
  alg!: 'ES256';

  /** Signatures only. */
  @ApiProperty({ enum: ['sig'], example: 'sig' })
  use!: 'sig';
}

@ApiSchema({ description: 'All keys that sign, will sign, or have signed what still holds (RFC 7517 §5).' })
export class JwksDto {
  /** A new key is here for a day before it signs first. */
  @ApiProperty({ type: [JwkDto] })
  keys!: JwkDto[];
}
