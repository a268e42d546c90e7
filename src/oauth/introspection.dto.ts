import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { parseAddress } from '../platform/addresses.js';
import { Checked, Optional, Text } from '../platform/input/fields.js';
import { FormBody } from '../platform/input/form.js';

const addressFault = (text: string): string | null =>
  parseAddress(text) === null ? 'must be an IPv4 or IPv6 address' : null;

const EXAMPLE = 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF';

@FormBody()
@ApiSchema({ description: 'Form of `POST /oauth/introspect` (RFC 7662 §2.1); other parameters are ignored.' })
export class IntrospectDto {
  /** What was presented to you, whatever it is: a token, or a JWT made from one. */
  @Text({ max: 65_536, characters: 'any', example: EXAMPLE })
  token!: string;

  /** Ignored: what it is shows in its form. */
  @Optional()
  @Text({ max: 255, example: 'access_token' })
  token_type_hint?: string;

  /** Where the request came from; without it a token with `allowed_ips` is not active. */
  @Checked('ip', addressFault)
  @Optional()
  @Text({ max: 64, example: '203.0.113.7' })
  client_ip?: string;
}

@FormBody()
@ApiSchema({ description: 'Form of `POST /oauth/revoke` (RFC 7009 §2.1); other parameters are ignored.' })
export class RevokeDto {
  /** The token, or a JWT made from one. */
  @Text({ max: 65_536, characters: 'any', example: EXAMPLE })
  token!: string;

  /** Ignored: what it is shows in its form. */
  @Optional()
  @Text({ max: 255, example: 'access_token' })
  token_type_hint?: string;
}

@ApiSchema({ description: 'RFC 7662 §2.2. Of what is not active nothing is said but that.' })
export class IntrospectionDto {
  /** Whether it holds, for you, now. */
  @ApiProperty({ example: true })
  active!: boolean;

  /** What it permits, separated by spaces. */
  @ApiPropertyOptional({ example: 'invoices:read' })
  scope?: string;

  /** Handle of the token. */
  @ApiPropertyOptional({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  client_id?: string;

  /** Your own id for the partner, or else the token's handle. */
  @ApiPropertyOptional({ example: 'partner_42' })
  sub?: string;

  /** How it is presented. */
  @ApiPropertyOptional({ enum: ['Bearer'], example: 'Bearer' })
  token_type?: 'Bearer';

  /** When it is over, in Unix seconds; left out when never. */
  @ApiPropertyOptional({ type: 'integer', example: 1_795_348_800 })
  exp?: number;

  /** When it was issued, in Unix seconds. */
  @ApiPropertyOptional({ type: 'integer', example: 1_795_262_400 })
  iat?: number;

  /** When it began, in Unix seconds; left out when that is when it was issued. */
  @ApiPropertyOptional({ type: 'integer', example: 1_795_262_400 })
  nbf?: number;

  /** Whom it is for; only of a JWT. */
  @ApiPropertyOptional({ type: [String], example: ['https://api.example.com'] })
  aud?: string[];

  /** Who issued it: your workspace and environment. */
  @ApiPropertyOptional({ format: 'uri', example: 'http://127.0.0.1:3000/ws_01k2qj6m4xf3v9n0e7w8r5t2ya/live' })
  iss?: string;

  /** Of a JWT its own id, of a token its handle. */
  @ApiPropertyOptional({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  jti?: string;
}
