import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Session } from './session.entity.js';

const TIME = '2026-11-21T12:00:00.123Z';

@ApiSchema({ description: 'A browser in which the caller is signed in.' })
export class SessionDto {
  /** Its handle. */
  @ApiProperty({ example: 'ses_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Whether it is the one that asks. */
  @ApiProperty({ example: true })
  current!: boolean;

  /** When the person signed in. */
  @ApiProperty({ format: 'date-time', example: TIME })
  signed_in_at!: string;

  /** When it was last used, to the minute. */
  @ApiProperty({ format: 'date-time', example: TIME })
  last_seen_at!: string;

  /** When it is over at the latest; unused for 12 hours, it is over before. */
  @ApiProperty({ format: 'date-time', example: '2026-11-28T12:00:00.123Z' })
  expires_at!: string;

  /** Where the person signed in from. */
  @ApiProperty({ example: '203.0.113.7' })
  ip!: string;

  /** What the browser called itself. */
  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' })
  user_agent!: string | null;

  /** Whether a second factor, or a passkey, was part of signing in. */
  @ApiProperty({ example: false })
  second_factor!: boolean;
}

@ApiSchema({ description: 'One page of sessions.' })
export class SessionPage {
  /** Newest first. */
  @ApiProperty({ type: [SessionDto] })
  data!: SessionDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderSession(row: Session, currentId: string): SessionDto {
  return {
    id: row.id,
    current: row.id === currentId,
    signed_in_at: row.signedInAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    ip: row.ip,
    user_agent: row.userAgent,
    second_factor: row.secondFactor,
  };
}
