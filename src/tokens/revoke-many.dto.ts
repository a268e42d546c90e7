import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Checked, Flag, Instant, Nested, Nullable, Optional, Text } from '../platform/input/fields.js';
import { MAX_SCOPE_LENGTH } from '../scopes/grammar.js';
import { scopeFault } from '../scopes/scopes.dto.js';
import { TokenDto } from './token-view.dto.js';

@ApiSchema({ description: 'Which tokens to revoke: those that fulfil every condition given. At least one.' })
export class RevokeFilterDto {
  /** Exactly this subject. */
  @Optional()
  @Text({ max: 255, example: 'partner_42' })
  subject?: string;

  /** Tokens issued with this scope or with a pattern that covers it. */
  @Checked('scope', scopeFault)
  @Optional()
  @Text({ max: MAX_SCOPE_LENGTH, example: 'invoices:read' })
  scope?: string;

  /** Handle of the API key, token or person that issued them. */
  @Optional()
  @Text({ max: 64, example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  created_by?: string;

  /** Issued before this moment (exclusive). */
  @Optional()
  @Instant({ example: '2026-11-01T00:00:00.000Z' })
  issued_before?: string;
}

@ApiSchema({ description: 'Body of `POST /v1/tokens/revoke`: either a `token` or a `filter`.' })
export class RevokeTokensDto {
  /** A value that the token to revoke has now. It is kept nowhere. */
  @Nullable()
  @Text({ max: 512, characters: 'any', example: null })
  token?: string | null;

  /** Instead of a value: which tokens. An empty one is refused. */
  @Optional()
  @Nested(() => RevokeFilterDto)
  filter?: RevokeFilterDto;

  /** True changes nothing and shows what would be revoked, and whose it is. */
  @Flag({ default: false, example: true })
  dry_run!: boolean;

  /** Kept with each token and with the event; up to 500 characters. Left out with a filter: the id of the event. */
  @Nullable()
  @Text({ max: 500, example: 'The partner was broken into' })
  reason?: string | null;
}

@ApiSchema({ description: 'How many of the tokens are for one subject.' })
export class SubjectCountDto {
  /** Your own id for the partner; null: tokens without one. */
  @ApiProperty({ type: String, nullable: true, example: 'partner_42' })
  subject!: string | null;

  /** How many tokens. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  tokens!: number;
}

@ApiSchema({ description: 'What was revoked, or with `dry_run` would be: descendants included.' })
export class RevokedTokensDto {
  /** How many tokens, exactly; what was revoked before is not counted. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 2 })
  revoked!: number;

  /** Their handles, ancestors first; up to 10,000. */
  @ApiProperty({ type: [String], example: ['token_01k2qj6m4xf3v9n0e7w8r5t2ya'] })
  ids!: string[];

  /** There, and true, if there are more than `ids` holds. */
  @ApiProperty({ required: false, enum: [true], type: 'boolean', example: true })
  truncated?: true;

  /** There, and true, if nothing was changed. */
  @ApiProperty({ required: false, enum: [true], type: 'boolean', example: true })
  dry_run?: true;

  /** Only with `dry_run`: up to 100 of the tokens, the newest first. */
  @ApiProperty({ required: false, type: [TokenDto] })
  tokens?: TokenDto[];

  /** Only with `dry_run`: up to 100 subjects, those with the most tokens first. */
  @ApiProperty({ required: false, type: [SubjectCountDto] })
  subjects?: SubjectCountDto[];
}
