import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CreatedBy, renderCreatedBy } from '../credentials/created-by.dto.js';
import type { LastUse } from '../audit-log/last-use.js';
import { Instant, Nullable, OneOf, Optional, Text } from '../platform/input/fields.js';
import { InFuture } from '../platform/input/moment.js';
import type { ApiKey } from './api-key.entity.js';

const KEY_ID = 'key_01k2qj6m4xf3v9n0e7w8r5t2ya';
const KEY_VALUE = 'tok_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A0kXbQ1';
const TIME = '2026-11-21T12:00:00.123Z';

@ApiSchema({ description: 'Body of `POST /v1/api-keys`.' })
export class CreateApiKeyDto {
  /** What it is for; 1 to 120 characters. */
  @Text({ max: 120, example: 'CI' })
  name!: string;

  /** Left out: `live`, or `test` when the caller is a test key, which can make no other. */
  @Optional()
  @OneOf(['live', 'test'], { example: 'live' })
  environment?: 'live' | 'test';

  /** When it ends by itself; left out or null: never. In the future. */
  @InFuture()
  @Nullable()
  @Instant({ example: '2027-11-21T12:00:00.000Z' })
  expires_at?: string | null;
}

@ApiSchema({ description: 'Body of `PATCH /v1/api-keys/{id}`.' })
export class UpdateApiKeyDto {
  /** 1 to 120 characters. */
  @Text({ max: 120, example: 'CI, staging' })
  name!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/api-keys/revoke`.' })
export class RevokeApiKeyDto {
  /** The value to stop. */
  @Text({ max: 256, characters: 'any', example: KEY_VALUE })
  api_key!: string;
}

@ApiSchema({ description: 'An API key, without its value.' })
export class ApiKeyDto {
  /** Its handle; stays when it gets a new value. */
  @ApiProperty({ example: KEY_ID })
  id!: string;

  /** What it is for. */
  @ApiProperty({ example: 'CI' })
  name!: string;

  /** What it can reach. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** The value's prefix and last four characters. */
  @ApiProperty({ example: 'tok_live_…XbQ1' })
  hint!: string;

  /** When it was made. */
  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  /** Who made it. */
  @ApiProperty({ type: CreatedBy })
  created_by!: CreatedBy;

  /** At this moment it is over; null = never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at!: string | null;

  /** Its latest accepted request, by the audit log. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  last_used_at!: string | null;

  /** Where that request came from. */
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  last_used_ip!: string | null;

  /** When it last got a new value. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  regenerated_at!: string | null;
}

@ApiSchema({ description: 'An API key with its value, which is shown in this one answer and never again.' })
export class NewApiKeyDto extends ApiKeyDto {
  /** The value, shown this once. */
  @ApiProperty({ example: KEY_VALUE })
  key!: string;
}

@ApiSchema({ description: 'One page of API keys.' })
export class ApiKeyPage {
  /** Newest first. */
  @ApiProperty({ type: [ApiKeyDto] })
  data!: ApiKeyDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderApiKey(row: ApiKey, lastUse: LastUse | undefined): ApiKeyDto {
  return {
    id: row.id,
    name: row.name,
    environment: row.environment,
    hint: row.hint,
    created_at: row.createdAt.toISOString(),
    created_by: renderCreatedBy(row),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: lastUse?.at ?? null,
    last_used_ip: lastUse?.ip ?? null,
    regenerated_at: row.regeneratedAt?.toISOString() ?? null,
  };
}
