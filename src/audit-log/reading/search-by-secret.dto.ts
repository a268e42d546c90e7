import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Int, Nullable, Text } from '../../platform/input/fields.js';
import { AuditEventPage } from '../audit-events.dto.js';

/** Of a value as it is now, or the first that holds of the rest. */
export const VALUE_STATUSES = [
  'active',
  'revoked',
  'ended',
  'disabled',
  'expired',
  'pending',
  'exhausted',
] as const;
export type ValueStatus = (typeof VALUE_STATUSES)[number];

const ENDED_REASONS = ['regenerated', 'deleted', 'revoked', 'rotated'] as const;

@ApiSchema({ description: 'Body of `POST /v1/audit-events/search-by-secret`.' })
export class SearchBySecretDto {
  /** The value that leaked: of an API key or of a token, alive or dead. It is kept nowhere. */
  @Text({ max: 512, characters: 'any', example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  secret!: string;

  /** How many events to return at most. */
  @Int({ min: 1, max: 1000, default: 50, example: 50 })
  limit!: number;

  /** `next_cursor` of the previous page, bound to the value it came with; null for the first one. */
  @Nullable()
  @Text({ max: 1024, example: null })
  cursor?: string | null;
}

@ApiSchema({ description: 'Whose value it is, and whether it is still good.' })
export class FoundCredentialDto {
  /** What it is a value of. */
  @ApiProperty({ enum: ['api_key', 'token'], example: 'token' })
  type!: 'api_key' | 'token';

  /** Handle of the API key or token. */
  @ApiProperty({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Its name now. */
  @ApiProperty({ example: 'Acme' })
  name!: string;

  /** Of this value, which need not be the current one. */
  @ApiProperty({ example: 'tkn_live_…U3aF' })
  hint!: string;

  /** Always the caller's. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** `active`: it is accepted. `ended`: this value is over, whatever became of the credential. Else why it is refused. */
  @ApiProperty({ enum: VALUE_STATUSES, example: 'ended' })
  status!: ValueStatus;

  /** When this value ends or has ended; null: as long as its credential lives. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T12:00:00.000Z' })
  ended_at!: string | null;

  /** Null while it has not ended. */
  @ApiProperty({ type: String, enum: [...ENDED_REASONS, null], nullable: true, example: 'rotated' })
  ended_reason!: string | null;
}

@ApiSchema({ description: 'What was done with a value, newest first.' })
export class SecretSearchPage extends AuditEventPage {
  /** Null for a value that nothing in this workspace and environment ever had. */
  @ApiProperty({ type: FoundCredentialDto, nullable: true })
  credential!: FoundCredentialDto | null;
}
