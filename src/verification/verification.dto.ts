import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { parseAddress } from '../platform/addresses.js';
import { Checked, ListOf, ListOfNested, Nullable, Optional, Text } from '../platform/input/fields.js';
import { MAX_SCOPE_LENGTH } from '../scopes/grammar.js';
import { scopeFault } from '../scopes/scopes.dto.js';
import { VERIFY_CODES, type VerifyCode } from './verdict.js';

const addressFault = (text: string): string | null =>
  parseAddress(text) === null ? 'must be an IPv4 or IPv6 address' : null;

@ApiSchema({ description: 'Body of `POST /v1/tokens/verify`.' })
export class VerifyTokenDto {
  /** The value that was presented to you, whatever it is; the body as a whole has its limit of 64 KiB. */
  @Text({ min: 0, max: 65_536, characters: 'any', example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  token!: string;

  /** What it must permit: all of these. */
  @Checked('scope', scopeFault, { each: true })
  @Optional()
  @ListOf(Text({ max: MAX_SCOPE_LENGTH }), { max: 64, example: ['invoices:read'] })
  scopes?: string[];

  /** Where the request came from; needed for tokens with `allowed_ips`. */
  @Checked('ip', addressFault)
  @Nullable()
  @Text({ max: 64, example: '203.0.113.7' })
  client_ip?: string | null;

  /** For the audit log. */
  @Nullable()
  @Text({ min: 0, max: 512, characters: 'any', example: 'acme-sync/2.1' })
  user_agent?: string | null;

  /** What was asked of you, for the audit log. */
  @Nullable()
  @Text({ min: 0, max: 200, example: 'GET /invoices' })
  operation?: string | null;
}

@ApiSchema({ description: 'Body of `POST /v1/tokens/verify-batch`.' })
export class VerifyBatchDto {
  /** Up to 100 bodies of `POST /v1/tokens/verify`. */
  @ListOfNested(() => VerifyTokenDto, { min: 1, max: 100 })
  items!: VerifyTokenDto[];
}

@ApiSchema({
  description:
    'How much is left of its rate limit; of several in its chain, of the one that has the least left. Windows are fixed: one begins with the first use after the one before has ended.',
})
export class RateLimitLeftDto {
  /** Uses in a window. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 100 })
  limit!: number;

  /** How many of them are left after this one. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 99 })
  remaining!: number;

  /** When the window ends, and all of them are back; if none is running, when one would that begins now. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:01:00.000Z' })
  reset_at!: string;
}

@ApiSchema({
  description:
    'The answer to a verification; for `malformed` and `not_found` only `valid`, `code` and `event_id`.',
})
export class VerificationDto {
  /** Whether the token may do what was asked. */
  @ApiProperty({ example: true })
  valid!: boolean;

  /** `valid`, or the first of the rest that holds, in this order. Only `valid` counts as a use. */
  @ApiProperty({ enum: VERIFY_CODES, example: 'valid' })
  code!: VerifyCode;

  /** Its handle. */
  @ApiProperty({ required: false, example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  token_id?: string;

  /** What it is for. */
  @ApiProperty({ required: false, example: 'Acme' })
  name?: string;

  /** Your own id for the partner. */
  @ApiProperty({ type: String, required: false, nullable: true, example: 'partner_42' })
  subject?: string | null;

  /** What it may do at all, narrowed by its ancestors. */
  @ApiProperty({ type: [String], required: false, example: ['invoices:read'] })
  scopes?: readonly string[];

  /** Only with `insufficient_scope`: what it lacks. */
  @ApiProperty({ type: [String], required: false, example: ['invoices:write'] })
  missing_scopes?: readonly string[] | undefined;

  /** Where it exists. */
  @ApiProperty({ enum: ['live', 'test'], required: false, example: 'live' })
  environment?: 'live' | 'test';

  /** At this moment it is over; null = never. */
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    nullable: true,
    example: '2027-11-21T12:00:00.000Z',
  })
  expires_at?: string | null;

  /** As given when it was issued or changed. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { plan: 'pro' } })
  metadata?: Record<string, unknown>;

  /** How many valid answers are left after this one, by its own and its ancestors' limits; null = without limit. */
  @ApiProperty({ type: 'integer', minimum: 0, required: false, nullable: true, example: 999 })
  uses_remaining?: number | null;

  /** What is left of its rate limit; null = neither it nor an ancestor has one. */
  @ApiProperty({ type: RateLimitLeftDto, required: false, nullable: true, example: null })
  rate_limit?: RateLimitLeftDto | null;

  /** The audit event of this decision. */
  @ApiProperty({ example: 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  event_id!: string;
}

@ApiSchema({ description: 'An answer for each item.' })
export class VerificationBatchDto {
  /** In the order of the items. */
  @ApiProperty({ type: [VerificationDto] })
  results!: VerificationDto[];
}
