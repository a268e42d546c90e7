import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CreatedBy, renderCreatedBy } from '../../credentials/created-by.dto.js';
import { ROLES, type Role } from '../../credentials/role.js';
import { OneOf, Optional } from '../../platform/input/fields.js';
import { Email, LinkToken, NewPassword, PersonName } from '../accounts/account-fields.js';
import type { Invitation } from './invitation.entity.js';

@ApiSchema({ description: 'Body of `POST /v1/members/invitations`.' })
export class InviteDto {
  /** Whom to let in; the link works for this address only. */
  @Email()
  email!: string;

  /** What they will be. Only an owner invites an owner. */
  @OneOf(ROLES, { example: 'developer' })
  role!: Role;
}

@ApiSchema({ description: 'An invitation that is neither accepted nor taken back nor expired.' })
export class InvitationDto {
  /** Its handle. */
  @ApiProperty({ example: 'inv_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Whom it is for. */
  @ApiProperty({ example: 'grace@example.com' })
  email!: string;

  /** What they will be. */
  @ApiProperty({ enum: ROLES, example: 'developer' })
  role!: Role;

  /** When it was made. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  created_at!: string;

  /** Who made it. */
  @ApiProperty({ type: CreatedBy })
  created_by!: CreatedBy;

  /** In seven days; at this moment it is over. */
  @ApiProperty({ format: 'date-time', example: '2026-11-28T12:00:00.123Z' })
  expires_at!: string;
}

@ApiSchema({ description: 'An invitation with its link, which is shown in this one answer and never again.' })
export class NewInvitationDto extends InvitationDto {
  /** The secret of the link, shown this once. */
  @ApiProperty({ example: 'EXAMPLE3Zk0yq7Vw1o8mC5tRjPxNcLhBsDfGaKuEiY4' })
  token!: string;

  /** Path of the page where it is accepted; behind the `#`, so that no server gets to see it. */
  @ApiProperty({ example: '/invitation#EXAMPLE3Zk0yq7Vw1o8mC5tRjPxNcLhBsDfGaKuEiY4' })
  link!: string;
}

@ApiSchema({ description: 'One page of invitations.' })
export class InvitationPage {
  /** Newest first. */
  @ApiProperty({ type: [InvitationDto] })
  data!: InvitationDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

@ApiSchema({ description: 'Body of `POST /v1/invitations/read`.' })
export class ReadInvitationDto {
  /** What stands behind the `#` of the link. */
  @LinkToken()
  token!: string;
}

@ApiSchema({ description: 'What an invitation is to.' })
export class InvitedDto {
  /** Name of the workspace. */
  @ApiProperty({ example: 'Example Ltd' })
  workspace!: string;

  /** Whom it is for. */
  @ApiProperty({ example: 'grace@example.com' })
  email!: string;

  /** What they will be. */
  @ApiProperty({ enum: ROLES, example: 'developer' })
  role!: Role;

  /** Whether there is an account of this address: then accepting takes its password, else a new name and password. */
  @ApiProperty({ example: false })
  has_account!: boolean;

  /** At this moment it is over. */
  @ApiProperty({ format: 'date-time', example: '2026-11-28T12:00:00.123Z' })
  expires_at!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/invitations/accept`.' })
export class AcceptInvitationDto {
  /** What stands behind the `#` of the link. */
  @LinkToken()
  token!: string;

  /** What the new person is called; left out by who has an account. */
  @Optional()
  @PersonName()
  name?: string;

  /** The account's password; a new one, if there is no account yet. */
  @NewPassword()
  password!: string;
}

export function renderInvitation(row: Invitation): InvitationDto {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    created_at: row.createdAt.toISOString(),
    created_by: renderCreatedBy(row),
    expires_at: row.expiresAt.toISOString(),
  };
}
