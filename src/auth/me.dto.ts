import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'The tenant of the caller.' })
export class MyWorkspaceDto {
  /** Its handle. */
  @ApiProperty({ example: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What people call it. */
  @ApiProperty({ example: 'Example Ltd' })
  name!: string;

  /** The user name of HTTP Basic. */
  @ApiProperty({ example: 'example-ltd' })
  slug!: string;
}

@ApiSchema({ description: 'The caller, as Tooken sees it.' })
export class MeDto {
  /** What kind of credential it is; a `user` is a person who is signed in. */
  @ApiProperty({ enum: ['api_key', 'token', 'user'], example: 'api_key' })
  type!: 'api_key' | 'token' | 'user';

  /** Its handle. */
  @ApiProperty({ example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What it is for. */
  @ApiProperty({ example: 'CI' })
  name!: string;

  /** Where it belongs. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** A list of scopes, of a person by role; of an API key, an owner or admin, who have them all, the text `*`. */
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

  /** The tenant it belongs to. */
  @ApiProperty({ type: MyWorkspaceDto })
  workspace!: MyWorkspaceDto;
}
