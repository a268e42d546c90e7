import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { JsonObject, Text } from '../../platform/input/fields.js';
import type { Passkey } from './passkey.entity.js';

const TIME = '2026-11-21T12:00:00.123Z';
const CREDENTIAL = { id: 'EXAMPLEcredential', rawId: 'EXAMPLEcredential', type: 'public-key', response: {} };

/** A code of an authenticator app. */
export function TotpCode(): PropertyDecorator {
  return Text({ max: 16, characters: 'any', example: '123456' });
}

/** A recovery code, in whatever way it is typed. */
export function RecoveryCodeField(): PropertyDecorator {
  return Text({ max: 32, characters: 'any', example: 'k3v9n-0e7w8' });
}

/** What the browser made of the options, in its JSON form (WebAuthn §5.1.8). */
export function PasskeyAnswer(): PropertyDecorator {
  return JsonObject({ maxBytes: 4096, example: CREDENTIAL });
}

@ApiSchema({ description: 'What an authenticator app is told; shown in this one answer.' })
export class TotpOfferDto {
  /** For typing, in base32. */
  @ApiProperty({ example: 'EXAMPLE2EXAMPLE2EXAMPLE2EXAMPLE2' })
  secret!: string;

  /** The same as a URI, for a QR code. */
  @ApiProperty({
    example:
      'otpauth://totp/Tooken:ada%40example.com?issuer=Tooken&secret=EXAMPLE2EXAMPLE2EXAMPLE2EXAMPLE2&algorithm=SHA1&digits=6&period=30',
  })
  uri!: string;
}

@ApiSchema({ description: 'Body of `POST /v1/account/totp/confirm`.' })
export class ConfirmTotpDto {
  /** What the app shows now. */
  @TotpCode()
  code!: string;
}

@ApiSchema({ description: 'Codes that stand in for a lost second factor, each once.' })
export class RecoveryCodesDto {
  /** Ten codes, shown in this one answer and never again; null: those of before are still good. */
  @ApiProperty({ type: [String], nullable: true, example: ['k3v9n-0e7w8'] })
  recovery_codes!: string[] | null;
}

/** What `navigator.credentials` takes; nobody but the browser reads it. */
export const OPTIONS_ANSWER = {
  description: 'What the browser takes, in its JSON form (WebAuthn §5.1.8 and §5.1.9); good for five minutes',
  schema: {
    type: 'object',
    additionalProperties: true,
    example: { challenge: 'EXAMPLE3Zk0yq7Vw1o8mC5tRjPxNcLhBsDfGaKuEiY4', rpId: 'tooken.example.com' },
  },
};

@ApiSchema({ description: 'Body of `POST /v1/account/passkeys`.' })
export class AddPasskeyDto {
  /** What the person calls the device; 1 to 120 characters. */
  @Text({ max: 120, example: 'Phone' })
  name!: string;

  /** What `navigator.credentials.create` has answered. */
  @PasskeyAnswer()
  passkey!: Record<string, unknown>;
}

@ApiSchema({ description: 'A passkey of the caller’s.' })
export class PasskeyDto {
  /** Its handle. */
  @ApiProperty({ example: 'passkey_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What the person calls it. */
  @ApiProperty({ example: 'Phone' })
  name!: string;

  /** Whether the device’s maker keeps it too, so that it survives the device. */
  @ApiProperty({ example: true })
  backed_up!: boolean;

  /** When it was added. */
  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  /** When it was last used; null = not yet. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  last_used_at!: string | null;
}

@ApiSchema({ description: 'A new passkey; with the first second factor, recovery codes.' })
export class NewPasskeyDto extends PasskeyDto {
  /** Ten codes, shown in this one answer and never again; null: those of before are still good. */
  @ApiProperty({ type: [String], nullable: true, example: ['k3v9n-0e7w8'] })
  recovery_codes!: string[] | null;
}

@ApiSchema({ description: 'One page of passkeys.' })
export class PasskeyPage {
  /** Newest first. */
  @ApiProperty({ type: [PasskeyDto] })
  data!: PasskeyDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderPasskey(row: Passkey): PasskeyDto {
  return {
    id: row.id,
    name: row.name,
    backed_up: row.backedUp,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
  };
}
