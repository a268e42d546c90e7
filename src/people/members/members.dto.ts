import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ROLES, type Role } from '../../credentials/role.js';
import { OneOf } from '../../platform/input/fields.js';
import { PersonDto } from '../accounts/person.dto.js';

@ApiSchema({ description: 'A person who belongs to the workspace.' })
export class MemberDto extends PersonDto {
  /** What they may do here. */
  @ApiProperty({ enum: ROLES, example: 'developer' })
  role!: Role;

  /** When they joined. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  joined_at!: string;
}

@ApiSchema({ description: 'One page of people.' })
export class MemberPage {
  /** Who joined the product last comes first. */
  @ApiProperty({ type: [MemberDto] })
  data!: MemberDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

@ApiSchema({ description: 'Body of `PATCH /v1/members/{id}`.' })
export class UpdateMemberDto {
  /** What they may do from now on. Only an owner makes an owner, or of an owner something else. */
  @OneOf(ROLES, { example: 'admin' })
  role!: Role;
}
