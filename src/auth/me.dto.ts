import { ApiProperty } from '@nestjs/swagger';

export class MyWorkspaceDto {
  @ApiProperty({ example: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  @ApiProperty({ example: 'Example Ltd' })
  name!: string;

  @ApiProperty({ example: 'example-ltd' })
  slug!: string;
}

/** The caller, as Tooken sees it. */
export class MeDto {
  @ApiProperty({ enum: ['api_key', 'token'], example: 'api_key' })
  type!: 'api_key' | 'token';

  @ApiProperty({ example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  @ApiProperty({ example: 'CI' })
  name!: string;

  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** A list of scopes; of an API key, which has them all, the text `*`. */
  @ApiProperty({
    oneOf: [
      { type: 'array', items: { type: 'string' } },
      { type: 'string', enum: ['*'] },
    ],
    example: '*',
  })
  scopes!: readonly string[] | '*';

  /** At this moment it is over; null = never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at!: string | null;

  @ApiProperty({ type: MyWorkspaceDto })
  workspace!: MyWorkspaceDto;
}
