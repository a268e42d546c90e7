import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ROLES, type Role } from '../../credentials/role.js';
import { Optional } from '../../platform/input/fields.js';
import { Email, LinkToken, Password } from '../accounts/account-fields.js';
import { PersonDto, PlaceDto } from '../accounts/person.dto.js';
import { SECOND_FACTORS, type SecondFactor } from '../second-factors/factors.service.js';
import { PasskeyAnswer, RecoveryCodeField, TotpCode } from '../second-factors/second-factors.dto.js';

const TIME = '2026-11-21T12:10:00.123Z';

@ApiSchema({ description: 'Body of `POST /v1/session`.' })
export class SignInDto {
  /** In any case. */
  @Email()
  email!: string;

  /** The account's. */
  @Password()
  password!: string;
}

@ApiSchema({
  description: 'How far signing in has come. Signed in, the answer sets the cookie of the session.',
})
export class SignInAnswer {
  /** `second_factor_required`: nobody is signed in yet; go on with `ticket`. */
  @ApiProperty({ enum: ['signed_in', 'second_factor_required'], example: 'signed_in' })
  status!: 'signed_in' | 'second_factor_required';

  /** Who is signed in; null before that. */
  @ApiProperty({ type: PersonDto, nullable: true })
  user!: PersonDto | null;

  /** Where they belong; empty before that. */
  @ApiProperty({ type: [PlaceDto] })
  workspaces!: PlaceDto[];

  /** What second factors the account has; empty once it has been asked for. */
  @ApiProperty({ enum: SECOND_FACTORS, isArray: true, example: [] })
  methods!: SecondFactor[];

  /** What to send with the second factor within five minutes; null once signed in. */
  @ApiProperty({ type: String, nullable: true, example: null })
  ticket!: string | null;
}

@ApiSchema({ description: 'Who is signed in, where, and as what.' })
export class CurrentSessionDto {
  /** The session's handle. */
  @ApiProperty({ example: 'ses_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Who is signed in. */
  @ApiProperty({ type: PersonDto })
  user!: PersonDto;

  /** The workspace of this request: that of `X-Tooken-Workspace`, or the one the person was in last. */
  @ApiProperty({ type: PlaceDto })
  workspace!: PlaceDto;

  /** What the person may do there. */
  @ApiProperty({ enum: ROLES, example: 'owner' })
  role!: Role;

  /** That of `X-Tooken-Environment`, or `live`. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** Every workspace they belong to, by name. */
  @ApiProperty({ type: [PlaceDto] })
  workspaces!: PlaceDto[];

  /** Until then they need not confirm again that it is they; null = they must. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  sudo_until!: string | null;

  /** When the session is over at the latest. */
  @ApiProperty({ format: 'date-time', example: '2026-11-28T12:00:00.123Z' })
  expires_at!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/session/second-factor`: the ticket, and one proof.' })
export class SecondFactorDto {
  /** From the answer that asked for it. */
  @LinkToken()
  ticket!: string;

  /** Of the authenticator app; each is taken once. */
  @Optional()
  @TotpCode()
  code?: string;

  /** One of the ten; each is taken once. */
  @Optional()
  @RecoveryCodeField()
  recovery_code?: string;

  /** What `navigator.credentials.get` has answered to the options of `POST /v1/session/passkey/options`. */
  @Optional()
  @PasskeyAnswer()
  passkey?: Record<string, unknown>;
}

@ApiSchema({ description: 'Body of `POST /v1/session/passkey`.' })
export class PasskeySignInDto {
  /** What `navigator.credentials.get` has answered to the options of `POST /v1/session/passkey/options`. */
  @PasskeyAnswer()
  passkey!: Record<string, unknown>;
}

@ApiSchema({ description: 'Body of `POST /v1/session/sudo`: one proof.' })
export class ConfirmDto {
  /** The account's. */
  @Optional()
  @Password()
  password?: string;

  /** Of the authenticator app; each is taken once. */
  @Optional()
  @TotpCode()
  code?: string;

  /** What `navigator.credentials.get` has answered to the options of `POST /v1/session/passkey/options`. */
  @Optional()
  @PasskeyAnswer()
  passkey?: Record<string, unknown>;
}

@ApiSchema({ description: 'For how long the person need not confirm again that it is they.' })
export class ConfirmedDto {
  /** In ten minutes. */
  @ApiProperty({ format: 'date-time', example: TIME })
  sudo_until!: string;
}
