import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'Who made it; the name is as it was then.' })
export class CreatedBy {
  /** `system`: the first start, or the command line. */
  @ApiProperty({ enum: ['api_key', 'token', 'user', 'system'], example: 'api_key' })
  type!: string;

  /** Handle of the maker; null for the system. */
  @ApiProperty({ type: String, nullable: true, example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

  /** As it was then. */
  @ApiProperty({ type: String, nullable: true, example: 'CI' })
  name!: string | null;
}

interface CreatedByColumns {
  createdByType: string;
  createdById: string | null;
  createdByName: string | null;
}

export function renderCreatedBy(row: CreatedByColumns): CreatedBy {
  return { type: row.createdByType, id: row.createdById, name: row.createdByName };
}
