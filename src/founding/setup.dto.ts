import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Email, LinkToken, NewPassword, PersonName } from '../people/accounts/account-fields.js';
import { Text } from '../platform/input/fields.js';

@ApiSchema({ description: 'How one comes to an account here.' })
export class SetupStateDto {
  /** Whether nobody has an account yet; then the terminal shows a link for the first owner. */
  @ApiProperty({ example: false })
  pending!: boolean;

  /** Whether anybody may sign up; else by invitation only. */
  @ApiProperty({ enum: ['open', 'closed'], example: 'closed' })
  signup!: 'open' | 'closed';
}

@ApiSchema({ description: 'Body of `POST /v1/setup`.' })
export class SetupDto {
  /** What stands behind the `#` of the link that the terminal has shown. */
  @LinkToken()
  token!: string;

  /** What the owner will sign in with. */
  @Email()
  email!: string;

  /** What they are called. */
  @PersonName()
  name!: string;

  /** 12 to 128 characters of any kind; those that are guessed first are refused. */
  @NewPassword()
  password!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/signup`.' })
export class SignUpDto {
  /** What the person will sign in with. */
  @Email()
  email!: string;

  /** What they are called. */
  @PersonName()
  name!: string;

  /** 12 to 128 characters of any kind; those that are guessed first are refused. */
  @NewPassword()
  password!: string;

  /** Name of the workspace that they will own; 1 to 120 characters. */
  @Text({ max: 120, example: 'Example Ltd' })
  workspace!: string;
}
