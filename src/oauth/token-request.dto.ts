import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Int, ListOf, Optional, Text } from '../platform/input/fields.js';
import { FormBody } from '../platform/input/form.js';
import { DEFAULT_JWT_SECONDS, MAX_JWT_SECONDS } from './lifetime.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

@FormBody()
@ApiSchema({
  description:
    'Form of `POST /oauth/token` (RFC 8693 §2.1, RFC 6749 §4.4.2); other parameters are ignored, and none but `audience` and `resource` may be repeated.',
})
export class TokenRequestDto {
  /** `client_credentials`, or the URN of token exchange. */
  @Text({ max: 255, example: EXCHANGE })
  grant_type!: string;

  /** Of an exchange: the token, whose value is the credential. */
  @Optional()
  @Text({ max: 255, characters: 'any', example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  subject_token?: string;

  /** Of an exchange: the URN of access tokens. */
  @Optional()
  @Text({ max: 255, example: ACCESS_TOKEN })
  subject_token_type?: string;

  /** The URN of access tokens or of JWTs: both are answered with the same. */
  @Optional()
  @Text({ max: 255, example: ACCESS_TOKEN })
  requested_token_type?: string;

  /** Separated by spaces; left out: everything the token may do. */
  @Optional()
  @Text({ max: 8_192, example: 'invoices:read' })
  scope?: string;

  /** Whom the JWT is for; left out: its issuer. */
  @Optional()
  @ListOf(Text({ max: 255 }), { max: 8, example: ['https://api.example.com'] })
  audience?: string[];

  /** The same as absolute URIs without a fragment (RFC 8707). */
  @Optional()
  @ListOf(Text({ max: 255 }), { max: 8, example: ['https://api.example.com'] })
  resource?: string[];

  /** Seconds of life, at most; the JWT never outlives the token. */
  @Int({ min: 1, max: MAX_JWT_SECONDS, default: DEFAULT_JWT_SECONDS, example: 900 })
  expires_in!: number;

  /** Of a client: the handle of the token or API key, or the workspace's slug. */
  @Optional()
  @Text({ max: 255, characters: 'any', example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  client_id?: string;

  /** Its value; HTTP Basic is the better place. */
  @Optional()
  @Text({ max: 255, characters: 'any', example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  client_secret?: string;

  /** Not supported: who acts for whom is not said. */
  @Optional()
  @Text({ max: 255, characters: 'any', example: 'never' })
  actor_token?: string;
}

@ApiSchema({ description: 'A JWT (RFC 9068), shown in this one answer (RFC 8693 §2.2.1).' })
export class TokenAnswerDto {
  /** The JWT: type `at+jwt`, signed with ES256. */
  @ApiProperty({ example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiI.c2ln' })
  access_token!: string;

  /** Only of an exchange: the type that was asked for. */
  @ApiPropertyOptional({ example: ACCESS_TOKEN })
  issued_token_type?: string;

  /** How it is presented. */
  @ApiProperty({ enum: ['Bearer'], example: 'Bearer' })
  token_type!: 'Bearer';

  /** Seconds until it is over. */
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_JWT_SECONDS, example: 900 })
  expires_in!: number;

  /** What it permits, separated by spaces. */
  @ApiProperty({ example: 'invoices:read' })
  scope!: string;
}
