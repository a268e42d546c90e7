import { ApiProperty } from '@nestjs/swagger';
import type { LastUse } from '../audit-log/last-use.js';
import { CreatedBy, renderCreatedBy } from '../credentials/created-by.dto.js';
import type { TokenChain, TokenFacts } from '../credentials/token-facts.js';
import type { Token } from './token.entity.js';
import { TOKEN_STATUSES, tokenStatus, type TokenStatus } from './token-status.js';

const TIME = '2026-11-21T12:00:00.123Z';

/** How often a token may be used. */
export class RateLimitDto {
  @ApiProperty({ example: 100 })
  limit!: number;

  @ApiProperty({ example: 60 })
  window_seconds!: number;
}

/** A token, without its value. */
export class TokenDto {
  @ApiProperty({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  @ApiProperty({ example: 'Acme' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Nightly import of invoices' })
  description!: string | null;

  /** Your own id for the partner. */
  @ApiProperty({ type: String, nullable: true, example: 'partner_42' })
  subject!: string | null;

  /** As issued. What counts at use is what its ancestors have too. */
  @ApiProperty({ type: [String], example: ['invoices:read'] })
  scopes!: string[];

  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  @ApiProperty({ example: true })
  enabled!: boolean;

  /** The first that holds, of the token or an ancestor of it, in this order. */
  @ApiProperty({ enum: TOKEN_STATUSES, example: 'active' })
  status!: TokenStatus;

  /** The value's prefix and last four characters. */
  @ApiProperty({ example: 'tkn_live_…9xQ2' })
  hint!: string;

  /** At this moment it is over; null = never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-11-21T12:00:00.000Z' })
  expires_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  not_before!: string | null;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  @ApiProperty({ type: CreatedBy })
  created_by!: CreatedBy;

  /** The token that issued it; null when an API key did. */
  @ApiProperty({ type: String, nullable: true, example: null })
  parent_id!: string | null;

  @ApiProperty({ type: [String], nullable: true, example: ['203.0.113.0/24'] })
  allowed_ips!: string[] | null;

  @ApiProperty({ type: RateLimitDto, nullable: true, example: null })
  rate_limit!: RateLimitDto | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  max_uses!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  uses_remaining!: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { plan: 'pro' } })
  metadata!: Record<string, unknown>;

  /** When it last called Tooken or was found valid, by the audit log. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  last_used_at!: string | null;

  /** The caller's address, or the `client_ip` of the verification. */
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  last_used_ip!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  revoked_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revoked_reason!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  rotated_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  previous_expires_at!: string | null;
}

/** A token with its value, which is shown in this one answer and never again. */
export class NewTokenDto extends TokenDto {
  @ApiProperty({ example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  token!: string;
}

export class TokenPage {
  @ApiProperty({ type: [TokenDto] })
  data!: TokenDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

/** @param ancestors of the token, the parent first: they count in its status. */
export function renderToken(
  row: Token,
  ancestors: readonly Token[],
  lastUse: LastUse | undefined,
  now: number,
): TokenDto {
  const chain: TokenChain = [factsOf(row), ...ancestors.map(factsOf)];
  const { rateLimit, rateLimitWindowSeconds } = row;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    subject: row.subject,
    scopes: row.scopes,
    environment: row.environment,
    enabled: row.enabled,
    status: tokenStatus(chain, now),
    hint: row.hint,
    expires_at: row.expiresAt?.toISOString() ?? null,
    not_before: row.notBefore?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    created_by: renderCreatedBy(row),
    parent_id: row.parentId,
    allowed_ips: row.allowedIps,
    rate_limit:
      rateLimit === null || rateLimitWindowSeconds === null
        ? null
        : { limit: rateLimit, window_seconds: rateLimitWindowSeconds },
    max_uses: row.maxUses,
    uses_remaining: row.maxUses === null ? null : row.maxUses - row.uses,
    metadata: row.metadata,
    last_used_at: lastUse?.at ?? null,
    last_used_ip: lastUse?.ip ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    revoked_reason: row.revokedReason,
    rotated_at: row.rotatedAt?.toISOString() ?? null,
    previous_expires_at: row.previousExpiresAt?.toISOString() ?? null,
  };
}

function factsOf(row: Token): TokenFacts {
  return {
    revokedAt: row.revokedAt?.getTime() ?? null,
    enabled: row.enabled,
    notBefore: row.notBefore?.getTime() ?? null,
    expiresAt: row.expiresAt?.getTime() ?? null,
    allowedIps: row.allowedIps,
    scopes: row.scopes,
    usesRemaining: row.maxUses === null ? null : row.maxUses - row.uses,
  };
}
