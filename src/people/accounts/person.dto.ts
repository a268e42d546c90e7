import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ROLES, type Role } from '../../credentials/role.js';

@ApiSchema({ description: 'A person who can sign in.' })
export class PersonDto {
  /** Their handle. */
  @ApiProperty({ example: 'usr_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What they sign in with, in lower case. */
  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  /** What they are called. */
  @ApiProperty({ example: 'Ada Lovelace' })
  name!: string;
}

@ApiSchema({ description: 'A workspace that a person belongs to.' })
export class PlaceDto {
  /** Its handle; what `X-Tooken-Workspace` takes. */
  @ApiProperty({ example: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What people call it. */
  @ApiProperty({ example: 'Example Ltd' })
  name!: string;

  /** The user name of HTTP Basic. */
  @ApiProperty({ example: 'example-ltd' })
  slug!: string;

  /** What they may do there. */
  @ApiProperty({ enum: ROLES, example: 'owner' })
  role!: Role;
}
