import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { FormerUse } from '../audit-log/former-uses.js';
import { Instant, Int, Nullable } from '../platform/input/fields.js';
import { instant } from '../platform/input/instant.js';
import { InFuture } from '../platform/input/moment.js';
import type { Token } from './token.entity.js';

/** 30 days: a value that should be replaced must not live on by mere forgetting. */
const MAX_GRACE_SECONDS = 2_592_000;

@ApiSchema({ description: 'Body of `POST /v1/tokens/{id}/rotate`.' })
export class RotateTokenDto {
  /**
   * How long the value it has now stays valid beside the new one, in seconds, up to 30 days; 0 or left out: it is over
   * at once. A value that lives on from a rotation before is over at once in any case.
   */
  @Int({ min: 0, max: MAX_GRACE_SECONDS, default: 0, example: 86_400 })
  grace_period_seconds!: number;

  /**
   * When the token itself is over from now on, for both values; null: never; left out: as before. A calling token can
   * give no later one than its own.
   */
  @InFuture()
  @Nullable()
  @Instant({ example: '2027-11-21T12:00:00.000Z' })
  expires_at?: string | null;
}

@ApiSchema({ description: 'The value that a token had before its current one, and who still uses it.' })
export class PreviousValueDto {
  /** The value's prefix and last four characters; no other value of the token has the same. */
  @ApiProperty({ example: 'tkn_live_…q0Xb' })
  hint!: string;

  /** At this moment it is over, or was; or with the token, if that is earlier. The same as `previous_expires_at`. */
  @ApiProperty({ format: 'date-time', example: '2026-11-22T12:00:00.000Z' })
  expires_at!: string;

  /** When it last called Tooken or was found valid, since the rotation; null = nobody has used it since. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T18:30:00.456Z' })
  last_used_at!: string | null;

  /** From where: the caller's address, or the `client_ip` of the verification. */
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  last_used_ip!: string | null;

  /** How many times it did, up to a second ago. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  uses_since_rotation!: number;
}

/** The value before the current one, if the last rotation gave it a grace; null = it did not, or there was none. */
export function renderPrevious(row: Token, use: FormerUse | undefined): PreviousValueDto | null {
  if (row.previousHint === null || row.previousExpiresAt === null) return null;
  return {
    hint: row.previousHint,
    expires_at: row.previousExpiresAt.toISOString(),
    last_used_at: use?.at ?? null,
    last_used_ip: use?.ip ?? null,
    uses_since_rotation: use?.uses ?? 0,
  };
}

/** The expiry a rotation asks for, in Unix milliseconds; null = never, undefined = as it was. Pure. */
export function newExpiry({ expires_at: at }: RotateTokenDto): number | null | undefined {
  return at == null ? at : instant(at);
}
