import { ApiProperty } from '@nestjs/swagger';

/** Who made it; the name is as it was then. */
export class CreatedBy {
  @ApiProperty({ enum: ['api_key', 'token', 'user', 'system'], example: 'api_key' })
  type!: string;

  /** Handle of the maker; null for the system. */
  @ApiProperty({ type: String, nullable: true, example: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string | null;

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
