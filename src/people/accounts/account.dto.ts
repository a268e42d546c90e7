import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { LinkToken, NewPassword, Password, PersonName } from './account-fields.js';
import { PersonDto } from './person.dto.js';

@ApiSchema({ description: "The caller's account, and what it is protected by besides the password." })
export class AccountDto extends PersonDto {
  /** Whether there is an authenticator app. */
  @ApiProperty({ example: true })
  totp!: boolean;

  /** How many passkeys there are. */
  @ApiProperty({ type: 'integer', example: 1 })
  passkeys!: number;

  /** How many recovery codes are still good. */
  @ApiProperty({ type: 'integer', example: 10 })
  recovery_codes_left!: number;
}

@ApiSchema({ description: 'Body of `PATCH /v1/account`.' })
export class UpdateAccountDto {
  /** 1 to 120 characters. */
  @PersonName()
  name!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/account/password`.' })
export class ChangePasswordDto {
  /** The account's so far. */
  @Password()
  current_password!: string;

  /** 12 to 128 characters of any kind; those that are guessed first are refused. */
  @NewPassword()
  new_password!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/account/password/reset`.' })
export class ResetPasswordDto {
  /** What stands behind the `#` of the link that the command line has made. */
  @LinkToken()
  token!: string;

  /** 12 to 128 characters of any kind; those that are guessed first are refused. */
  @NewPassword()
  new_password!: string;
}
